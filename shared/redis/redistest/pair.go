package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// A Pair is a primary and its replica, which a Redis Sentinel watches under the name Pair.
type Pair struct {
	Sentinel string // its address

	primary, replica *Server
	watcher          *Server
}

// PairName is what the Sentinel calls its Pair.
const PairName = "pair"

// StartPair starts a Pair that is stopped at the end of the test.
func StartPair(t testing.TB) *Pair {
	t.Helper()
	p := &Pair{primary: Start(t), replica: Start(t), watcher: &Server{dir: t.TempDir()}}
	t.Cleanup(p.watcher.Stop)
	var err error
	if p.watcher.Address, err = freeAddress(); err == nil {
		err = p.watch()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.Sentinel = p.watcher.Address
	return p
}

func (p *Pair) watch() error {
	if p.primary.inside != nil {
		return p.standIn()
	}
	host, port, err := net.SplitHostPort(p.primary.Address)
	if err != nil {
		return err
	}
	if _, err := p.replica.Do("REPLICAOF", host, port); err != nil {
		return err
	}
	if err := p.replica.tells("master_link_status:up", "INFO", "replication"); err != nil {
		return err
	}
	// A Sentinel writes what it finds out into its configuration.
	file := filepath.Join(p.watcher.dir, "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[1]s 300\n", PairName, host, port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	_, own, err := net.SplitHostPort(p.watcher.Address)
	if err != nil {
		return err
	}
	p.watcher.process = exec.CommandContext(context.Background(), p.primary.process.Path, file, "--sentinel",
		"--bind", host, "--port", own, "--dir", p.watcher.dir)
	if err := p.watcher.launch(); err != nil {
		return err
	}
	return p.watcher.tells("slaves=1", "INFO", "sentinel")
}

// standIn is a Sentinel inside the process, which knows what KillPrimary does.
func (p *Pair) standIn() error {
	p.watcher.inside = miniredis.NewMiniRedis()
	if err := p.watcher.inside.StartAddr(p.watcher.Address); err != nil {
		return err
	}
	return p.watcher.inside.Server().Register("SENTINEL", func(c *server.Peer, _ string, args []string) {
		if len(args) != 2 || args[0] != "get-master-addr-by-name" {
			c.WriteLen(0)
			return
		}
		host, port, _ := net.SplitHostPort(p.primary.Address)
		c.WriteStrings([]string{host, port})
	})
}

// KillPrimary ends the primary at once, and returns when the Sentinel has made the replica the
// primary in its place. What it held that had not reached the replica is gone.
func (p *Pair) KillPrimary() error {
	p.primary.Kill()
	p.primary, p.replica = p.replica, p.primary
	host, port, err := net.SplitHostPort(p.primary.Address)
	if err != nil {
		return err
	}
	if p.watcher.inside != nil {
		old, oldPort, _ := net.SplitHostPort(p.replica.Address)
		p.watcher.inside.Publish("+switch-master", fmt.Sprint(PairName, " ", old, " ", oldPort, " ", host, " ", port))
		return nil
	}
	return p.watcher.tells("\r\n"+port+"\r\n", "SENTINEL", "get-master-addr-by-name", PairName)
}
