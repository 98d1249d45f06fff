package backend

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/facet-bff/facet/shared/fault"
)

// An upload remembers that reading it failed: then it is the client who broke off, and
// the service is not to blame.
type upload struct {
	r   io.Reader
	err atomic.Pointer[error]
}

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		u.err.Store(&err)
	}
	return n, err
}

func (u *upload) Close() error { return nil }

// failed is the error of reading, or nil. A nil upload has none.
func (u *upload) failed() error {
	if u == nil {
		return nil
	}
	if err := u.err.Load(); err != nil {
		return *err
	}
	return nil
}

// failure gives an error of the connection its kind.
func failure(ctx context.Context, up *upload, err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f
	case up.failed() != nil:
		return &fault.Error{Kind: fault.Invalid, Detail: "the request's body broke off", Err: up.failed()}
	case errors.Is(ctx.Err(), context.Canceled):
		return &fault.Error{Kind: fault.Gone, Err: ctx.Err()}
	case ctx.Err() != nil:
		return &fault.Error{Kind: fault.TooSlow, Err: ctx.Err()}
	case isDial(err), isDNS(err), isTLS(err):
		return &fault.Error{Kind: fault.Unreachable, Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault.Error{Kind: fault.TooSlow, Err: err}
	}
	return &fault.Error{Kind: fault.Broken, Err: err}
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func isDNS(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// isTLS reports a handshake that failed: nothing has been sent yet.
func isTLS(err error) bool {
	var (
		record tls.RecordHeaderError
		verify *tls.CertificateVerificationError
		host   x509.HostnameError
		alert  tls.AlertError
	)
	return errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &host) || errors.As(err, &alert)
}
