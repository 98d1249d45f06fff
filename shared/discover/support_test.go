package discover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A nameServer answers from records, which may change, over UDP and TCP.
type nameServer struct {
	address string

	mu      sync.Mutex
	records []string // as a zone file has them
	ill     bool     // answers SERVFAIL
	asked   int
}

func serveNames(t *testing.T, records ...string) *nameServer {
	t.Helper()
	n := &nameServer{records: records}
	started := make(chan struct{}, 2)
	notify := func() { started <- struct{}{} }
	tcp := &dns.Server{Addr: "127.0.0.1:0", Net: "tcp", Handler: dns.HandlerFunc(n.answer), NotifyStartedFunc: notify}
	var serving sync.WaitGroup
	serve := func(s *dns.Server) {
		serving.Go(func() { _ = s.ListenAndServe() })
		<-started
	}
	serve(tcp)
	n.address = tcp.Listener.Addr().String()
	udp := &dns.Server{Addr: n.address, Net: "udp", Handler: dns.HandlerFunc(n.answer), NotifyStartedFunc: notify}
	serve(udp)
	t.Cleanup(func() {
		_ = udp.Shutdown()
		_ = tcp.Shutdown()
		serving.Wait()
	})
	return n
}

func (n *nameServer) set(records ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.records, n.ill = records, false
}

func (n *nameServer) sicken() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ill = true
}

func (n *nameServer) answer(w dns.ResponseWriter, q *dns.Msg) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	known := false
	for _, text := range n.records {
		record, err := dns.NewRR(text)
		if err != nil {
			panic(err)
		}
		if !strings.EqualFold(record.Header().Name, q.Question[0].Name) {
			continue
		}
		known = true
		if record.Header().Rrtype == q.Question[0].Qtype {
			m.Answer = append(m.Answer, record)
		}
	}
	switch {
	case n.ill:
		m.Rcode, m.Answer = dns.RcodeServerFailure, nil
	case !known:
		m.Rcode = dns.RcodeNameError
	}
	if w.LocalAddr().Network() == "udp" {
		m.Truncate(dns.MinMsgSize)
	}
	_ = w.WriteMsg(m)
}

// A listener keeps what a source tells.
type listener struct {
	mu    sync.Mutex
	lists []string
	errs  []string
}

func (l *listener) tell(list []Instance, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.errs = append(l.errs, err.Error())
		return
	}
	l.lists = append(l.lists, show(list))
}

func show(list []Instance) string {
	var all []string
	for _, i := range list {
		all = append(all, fmt.Sprintf("%s*%d/%d", i.URL, i.Weight, i.Priority))
	}
	return strings.Join(all, " ")
}

func (l *listener) told() (lists, errs []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lists), slices.Clone(l.errs)
}

// eventually waits for the nth list.
func (l *listener) eventually(t *testing.T, n int, want string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		lists, errs := l.told()
		switch {
		case len(lists) >= n && lists[n-1] == want:
			return
		case len(lists) >= n || time.Now().After(deadline):
			t.Fatalf("told %q and %q, want %q", lists, errs, want)
		}
	}
}

func (l *listener) eventuallyFails(t *testing.T, why string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		lists, errs := l.told()
		if len(errs) > 0 && strings.Contains(errs[len(errs)-1], why) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("told %q and %q, want a failure with %q", lists, errs, why)
		}
	}
}

// watch watches a source until the test ends.
func watch(t *testing.T, s Source) *listener {
	t.Helper()
	l := &listener{}
	t.Cleanup(Start(s, l.tell))
	return l
}

// once is what a source finds at first.
func once(t *testing.T, s Source) (string, error) {
	t.Helper()
	list, err := s.(poll).look(context.Background())
	return show(list), err
}
