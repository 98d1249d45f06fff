package scenario

import "github.com/facet-bff/facet/test/load/token"

// A Request is what is sent, without the host.
type Request struct {
	ID     int
	Target string // path and query
	Token  string // of the Authorization header; empty sends none
}

// Requests returns what to send in turn: count of them if the scenario needs fresh tokens,
// which are numbered from serial on, and else enough to begin anew after the last.
func (s Scenario) Requests(issuer *token.Issuer, serial, count int) ([]Request, error) {
	ids := s.ids()
	if !s.Fresh {
		count = len(ids)
	}
	requests := make([]Request, count)
	var bearer string
	for i := range requests {
		if s.Fresh || s.Token != "" && i == 0 {
			var err error
			if bearer, err = issuer.Sign(s.Token, serial+i); err != nil {
				return nil, err
			}
		}
		id := ids[i%len(ids)]
		requests[i] = Request{ID: id, Target: s.Target(id), Token: bearer}
	}
	return requests, nil
}
