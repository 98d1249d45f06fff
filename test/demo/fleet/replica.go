package fleet

import "slices"

// replicaStep is what is added to the ports of a gateway's second replica.
const replicaStep = 10

// Replica returns where the second replica of a gateway answers, in a fleet that has Redis.
func (l Layout) Replica(gateway string) (url, management string) {
	g := find(gateway)
	return "http://" + l.address(g.public+replicaStep), "http://" + l.address(g.management+replicaStep)
}

// gatewayPrograms are the gateways: one of each or, where there is a Redis to share, two.
func (l Layout) gatewayPrograms(bin, redis string) (programs []Program) {
	for _, g := range gateways {
		first := l.GatewayProgram(bin, g.name)
		if redis == "" {
			programs = append(programs, first)
			continue
		}
		first.Env = append(first.Env, "FACET_REDIS__URL="+redis)
		second := first
		second.Name += "-2"
		second.Env = append(slices.Clip(first.Env), "FACET_SERVER__ADDRESS="+l.address(g.public+replicaStep),
			"FACET_MANAGEMENT__ADDRESS="+l.address(g.management+replicaStep))
		_, management := l.Replica(g.name)
		second.Ready = management + "/readyz"
		programs = append(programs, first, second)
	}
	return programs
}

// replicas are the servers of the second replicas.
func replicas() (all []server) {
	for _, g := range gateways {
		all = append(all, server{g.name + "-2", g.public + replicaStep}, server{g.name + "-2 management", g.management + replicaStep})
	}
	return all
}
