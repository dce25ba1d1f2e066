package simulator_test

import (
	"net/http"
	"testing"

	"heyq/heygen/simulator"
)

// A sealed account has no routes to set faults, and takes no wish for one.
func TestSealed(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{false, true} {
		a := start(t, simulator.Options{Sealed: sealed})
		for path, method := range map[string]string{"/_sim/ledger": http.MethodGet, "/_sim/faults": http.MethodGet} {
			if got := a.do(method, path, nil).status; (got == http.StatusNotFound) != sealed {
				t.Errorf("sealed %t: %s %s is answered %d", sealed, method, path, got)
			}
		}
		for _, method := range []string{http.MethodPost, http.MethodDelete} {
			if got := a.do(method, "/_sim/faults", `{"rules":[]}`).status; (got == http.StatusNotFound) != sealed {
				t.Errorf("sealed %t: %s /_sim/faults is answered %d", sealed, method, got)
			}
		}
		for _, wish := range []string{"throttle", "no such fault"} {
			if got := a.do(http.MethodPost, "/v3/videos", avatar("x"), simFault, wish).status; (got == http.StatusOK) != sealed {
				t.Errorf("sealed %t: a call that wishes for %q is answered %d", sealed, wish, got)
			}
		}
	}
}
