package discover

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SRVConfig is the section "srv": each SRV record of a name is an instance, with its weight
// and priority (RFC 2782).
type SRVConfig struct {
	Name     string        `yaml:"name" validate:"required"`                          // as _http._tcp.catalog.internal
	Scheme   string        `yaml:"scheme" default:"http" validate:"oneof=http https"` // of the instances
	Path     string        `yaml:"path" validate:"omitempty,startswith=/"`            // before that of each call
	Interval time.Duration `yaml:"interval" default:"5s" validate:"min=1s"`           // between two looks
	Server   string        `yaml:"server" validate:"omitempty,hostname_port"`         // empty: the system's
}

// Validate checks what the tags cannot.
func (c SRVConfig) Validate() error { return validateURL(c.Scheme + "://host" + c.Path) }

func (c SRVConfig) source() Source {
	return poll{every: c.Interval, find: services{c, newNames(c.Server)}.find}
}

// services are the instances that the SRV records of a name say.
type services struct {
	SRVConfig
	names
}

func (s services) find(ctx context.Context) ([]Instance, error) {
	_, records, err := s.LookupSRV(ctx, "", "", s.Name)
	if err != nil && len(records) == 0 { // with some, the others had names that are not valid
		return nil, s.failure(err)
	}
	some, none := false, false
	for _, r := range records {
		some, none = some || r.Weight > 0, none || r.Weight == 0
	}
	var list []Instance
	for _, r := range records {
		host := strings.TrimSuffix(r.Target, ".")
		if host == "" { // RFC 2782: decidedly not available
			return nil, fmt.Errorf("%s is not offered: its SRV record has no target", s.Name)
		}
		weight := max(int(r.Weight), 1)
		if some && none && r.Weight > 0 {
			weight *= unweighted
		}
		u := url.URL{Scheme: s.Scheme, Host: net.JoinHostPort(host, strconv.Itoa(int(r.Port))), Path: s.Path}
		list = append(list, Instance{URL: u.String(), Weight: weight, Priority: int(r.Priority)})
	}
	return list, nil
}

// unweighted is how much a weight of 1 is more than none, which is for hardly anything
// while there are others.
const unweighted = 10
