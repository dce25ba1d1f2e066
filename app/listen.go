package app

import (
	"errors"
	"net"

	"heyq/internal/fault"
)

// listen opens the address, until the end. mend says what to do if another
// process has it.
func (a *App) listen(addr, mend string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "cannot listen on %s: %v", addr, err).
			WithHint("another process may use the port; %s", mend)
	}
	a.onClose(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return listener, nil
}
