package app

import (
	"errors"
	"net"

	"heyq/internal/fault"
)

// listen opens the address that variable holds, until the end; mend says what to
// do where another process has it. Without an operator token it opens none that
// other machines reach.
func (a *App) listen(variable, addr, mend string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %v", addr, err).
			WithHint("another process may use the port; %s", mend)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !a.token.IsSet() && !(ok && at.IP.IsLoopback()) {
		_ = listener.Close()
		return nil, fault.New(fault.Invalid, "heyq does not serve other machines without an operator token").
			WithField("HEYQ_OPERATOR_TOKEN", nil, "is not set; make one with: openssl rand -hex 32").
			WithField(variable, addr, "%q can be reached from other machines; write 127.0.0.1:8080 to be open on this one only", addr).
			WithHint("set the token for every role and for the commands, or listen on loopback; PORT alone means every interface")
	}
	a.onClose(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return listener, nil
}
