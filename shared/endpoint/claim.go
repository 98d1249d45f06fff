package endpoint

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/facet-bff/facet/shared/identity"
	"github.com/facet-bff/facet/shared/identity/access"
)

// An identityField takes its value from who is asking.
type identityField struct {
	index []int
	read  func(*identity.Principal) any
}

var identityReaders = map[string]func(*identity.Principal) any{
	"subject": func(p *identity.Principal) any { return p.Subject },
	"tenant":  func(p *identity.Principal) any { return p.Tenant },
	"client":  func(p *identity.Principal) any { return p.Client },
	"scopes":  func(p *identity.Principal) any { return slices.Clone(p.Scopes) },
	"roles":   func(p *identity.Principal) any { return slices.Clone(p.Roles) },
}

func (d *decoder) addIdentity(f reflect.StructField, claim string, rule access.Rule) error {
	read, ok := identityReaders[claim]
	if !ok {
		return fmt.Errorf("identity has no %q: there are subject, tenant, client, scopes and roles", claim)
	}
	if got := reflect.TypeOf(read(&identity.Principal{})); !got.ConvertibleTo(f.Type) || got.Kind() != f.Type.Kind() {
		return fmt.Errorf("identity %s is a %s", claim, got)
	}
	if !rule.NeedsUser() {
		return fmt.Errorf("it reads the identity, and access %s lets requests in that have none", rule)
	}
	d.identity = append(d.identity, identityField{f.Index, read})
	return nil
}

// take sets the field in the input in; p may be nil.
func (f *identityField) take(p *identity.Principal, in reflect.Value) {
	if p != nil {
		target := in.FieldByIndex(f.index)
		target.Set(reflect.ValueOf(f.read(p)).Convert(target.Type()))
	}
}
