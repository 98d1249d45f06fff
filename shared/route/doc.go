// Package route passes requests through to one service each, as configured and without a
// composition:
//
//	routes:
//	  - name: assets
//	    service: catalog
//	    match: {prefix: /assets}
//	    rewrite: /static/{rest}
//	    access: public
//	    query: [w, h]
//
// A [Table] finds the [Route] of a request, [Route.Serve] answers it. The call goes
// through the service's policies like any other; only its bodies stream, in both
// directions and in constant memory.
//
// # What gets through
//
// Nothing that is not meant to. A path that a service could read in two ways is refused
// before anything else is looked at, and what goes on is encoded anew. Of the headers
// only the negotiated and conditional ones pass by themselves, of the query nothing; more
// has to be listed. Hop-by-hop headers never pass, and neither do headers that name
// identity. The service's own answer passes below status 500; anything else becomes a
// [fault.Error] for the gateway to write.
//
// # Which route
//
// The order in the file means nothing. An exact path goes before a pattern, a pattern
// with more literal segments before one with fewer, any of them before a prefix, a long
// prefix before a short one. Among equals the one that asks more of host and headers
// goes first. Two routes between which this does not decide are an error of [New].
package route
