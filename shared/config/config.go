// Package config reads a gateway's configuration from three layers, the stronger over
// the weaker: YAML embedded in the binary, a YAML file, the environment.
//
// It is strict, and it reports everything that is wrong at once, with file, line,
// column and YAML path: unknown and duplicate keys, wrong types, broken rules. Nothing
// is guessed: there are no anchors, no tags, no second document.
//
// The sections are plain structs of the packages that use them:
//
//	type Cache struct {
//		TTL     time.Duration `yaml:"ttl" default:"30s" validate:"min=1s"`
//		MaxSize int64         `yaml:"max-size" default:"64MiB" unit:"bytes"`
//		Redis   *Redis        `yaml:"redis"` // nil unless the key is there
//	}
//
// The tags of a field:
//
//   - yaml is its key, required for every exported field; "-" skips the field, ",inline"
//     takes the keys of an embedded struct as the section's own, and ",short" lets a scalar
//     in place of the section be the value of this key.
//   - default is its value, written as in the environment, where no layer has the key.
//   - validate has rules of go-playground/validator. They need no dive to reach the
//     structs in a slice or map.
//   - unit:"bytes" makes an integer accept 512KB or 4MiB.
//   - secret:"true" hides the value in [Effective].
//
// A section may have a method Validate() error. It is called when all below it has been
// decoded; errors.Join makes several errors of it.
package config

import "reflect"

// Sources are the layers of a configuration, weakest first.
//
// Mappings of two layers are merged key by key; scalars and lists are replaced; null
// removes the key, so that its default holds.
type Sources struct {
	Default     []byte   // YAML embedded in the binary; may be empty
	DefaultName string   // what messages call it; "default" if empty
	File        string   // path of a YAML file of at most 1 MiB, which must exist; "" for none
	Environ     []string // KEY=VALUE, as [os.Environ] gives it

	// Prefix marks the variables that are configuration. With FACET,
	// FACET_SERVICES__CATALOG__URL sets services.catalog.url: names are upper-cased, '-'
	// is written '_', and lists of scalars are separated by commas. A variable that has
	// the prefix and names nothing is an error. Without a Prefix no variable is read.
	Prefix string
}

// Load reads the configuration T, a struct. Its error, if any, is [Errors].
//
// A T that cannot be configured is a programmer's mistake, and panics: a field without
// yaml tag, a default that does not parse, a rule that the validator does not know.
func Load[T any](s Sources) (*T, error) {
	value, _, err := load(reflect.TypeFor[T](), s)
	if err != nil {
		return nil, err
	}
	return value.Addr().Interface().(*T), nil
}

// Effective renders what [Load] reads as YAML, each value with a comment that says where
// it is from. Loaded again it gives the same T, save for secrets, which are shown as ***.
func Effective[T any](s Sources) ([]byte, error) {
	value, root, err := load(reflect.TypeFor[T](), s)
	if err != nil {
		return nil, err
	}
	r := renderer{schema: schemaOf(value.Type())}
	r.section(value, root)
	return r.out.Bytes(), nil
}

// load also returns the merged tree, which knows the source of every value.
func load(t reflect.Type, s Sources) (reflect.Value, *node, error) {
	schema := schemaOf(t)
	root, found, whole := s.merged()
	found = append(found, environment{prefix: s.Prefix, schema: schema}.apply(s.Environ, t, root)...)

	d := decoder{schema: schema, whole: whole}
	value := reflect.New(t).Elem()
	d.section(value, root, place{pos: root.pos})
	if found = append(found, d.errs...); len(found) > 0 {
		found.sort()
		return reflect.Value{}, nil, found
	}
	return value, root, nil
}

// merged is the tree of both YAML layers. It is not whole when one of them is no YAML
// and so is missing from it.
func (s Sources) merged() (root *node, found Errors, whole bool) {
	name := s.DefaultName
	if name == "" {
		name = "default"
	}
	root = newMapping(position{source: name, line: 1, column: 1})
	whole = true
	add := func(layer *node, errs Errors) {
		found = append(found, errs...)
		if layer == nil {
			whole = false
			return
		}
		root.merge(layer)
	}
	add(parse(name, s.Default))
	if s.File != "" {
		add(parseFile(s.File))
	}
	return root, found, whole
}
