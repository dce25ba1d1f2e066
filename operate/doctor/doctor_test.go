package doctor

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func wantFinding(t *testing.T, got wire.Finding, s wire.Severity, words string) {
	t.Helper()
	if got.Severity != s || !strings.Contains(got.What, words) {
		t.Errorf("got %s, %q; want %s, %q", got.Severity, got.What, s, words)
	}
	if acts := s == wire.Warning || s == wire.Broken; acts && got.Remedy == "" {
		t.Errorf("%q: nobody says what to do", got.What)
	}
}

func TestServerInfo_findings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		info     string
		severity wire.Severity // empty: nothing is wrong
		words    string
	}{
		"good":          {"redis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n", "", ""},
		"valkey":        {"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nmaxmemory_policy:noeviction\r\n", "", ""},
		"just enough":   {"redis_version:7.0.0\r\nmaxmemory_policy:noeviction", "", ""},
		"says little":   {"", "", ""},
		"old":           {"redis_version:6.2.14\r\n", wire.Broken, "is Redis 6.2.14; heyq needs 7"},
		"evicts":        {"maxmemory:1000\r\nused_memory:1\r\nmaxmemory_policy:allkeys-lru\r\n", wire.Broken, "maxmemory-policy allkeys-lru"},
		"might evict":   {"maxmemory:0\r\nmaxmemory_policy:volatile-ttl\r\n", wire.Warning, "volatile-ttl, which does nothing"},
		"full":          {"maxmemory:1000\r\nused_memory:901\r\nmaxmemory_policy:noeviction\r\n", wire.Warning, "uses 901 B of 1000 B"},
		"replica":       {"role:slave\r\n", wire.Broken, "is a replica"},
		"cluster's own": {"role:slave\r\nin_cluster:yes\r\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := parseInfo(c.info).findings("redis://cache")
			switch {
			case c.severity == "" && len(list) > 0:
				t.Errorf("found %v", list)
			case c.severity != "" && len(list) != 1:
				t.Errorf("found %v, want one thing", list)
			case c.severity != "":
				wantFinding(t, list[0], c.severity, c.words)
			}
		})
	}
}

func TestBalance(t *testing.T) {
	t.Parallel()
	amount := func(n float64) *float64 { return &n }
	usd := func(n float64) heygen.User {
		return heygen.User{Wallet: &heygen.Wallet{Currency: "usd", RemainingBalance: &n}}
	}
	const price = 0.05
	for _, c := range []struct {
		user     heygen.User
		least    float64
		severity wire.Severity
		words    string
	}{
		{usd(300), 30, wire.Fine, "$300.00 are left, about 1h40m0s of video at $0.05 a second"},
		{usd(29.99), 30, wire.Warning, "$29.99 are left"},
		{usd(0), 30, wire.Broken, "$0.00 are left"},
		{usd(-1), 30, wire.Broken, "$-1.00 are left, about 0s"},
		{heygen.User{Wallet: &heygen.Wallet{Currency: "credits", RemainingBalance: amount(12)}}, 10, wire.Fine, "12 credits are left"},
		{heygen.User{Wallet: &heygen.Wallet{Currency: "credits", RemainingBalance: amount(0)}}, 30, wire.Broken, "0 credits are left"},
		{heygen.User{Wallet: &heygen.Wallet{Currency: "usd"}}, 30, wire.Note, "does not say"},
		{heygen.User{Subscription: &heygen.Subscription{Plan: "scale"}}, 30, wire.Fine, "the plan scale"},
		{heygen.User{UsageBased: &heygen.UsageBased{SpendingCapUSD: amount(100), SpendingCurrentUSD: amount(20)}}, 30, wire.Fine, "$80.00 of the spending cap"},
		{heygen.User{UsageBased: &heygen.UsageBased{SpendingCapUSD: amount(100), SpendingCurrentUSD: amount(90)}}, 30, wire.Warning, "$10.00 of the spending cap"},
		{heygen.User{UsageBased: &heygen.UsageBased{SpendingCapUSD: amount(100), SpendingCurrentUSD: amount(100)}}, 30, wire.Broken, "$0.00 of the spending cap"},
		{heygen.User{UsageBased: &heygen.UsageBased{RemainingCredits: amount(7)}}, 5, wire.Fine, "7 credits are left"},
		{heygen.User{}, 30, wire.Note, "does not say"},
	} {
		wantFinding(t, balance(c.user, price, c.least), c.severity, c.words)
	}
	wantFinding(t, balance(usd(1), 0, 1), wire.Fine, "$1.00 are left")
}

func TestGateFinding(t *testing.T) {
	t.Parallel()
	wantFinding(t, gateFinding(store.Admission{State: store.Open}), wire.Fine, "is open")
	wantFinding(t, gateFinding(store.Admission{State: store.Stopped, Reason: "402"}), wire.Broken, "HeyGen refuses what it is sent (402)")
	wantFinding(t, gateFinding(store.Admission{State: store.Paused, Reason: "429", Until: time.Now()}), wire.Note, "is paused until")
	operator := gateFinding(store.Admission{State: store.Paused, Reason: store.OperatorReason})
	queue := gateFinding(store.Admission{State: store.Paused, Reason: store.QueueReason})
	wantFinding(t, operator, wire.Warning, "is paused (operator)")
	wantFinding(t, queue, wire.Warning, "is paused (operator: the queue create")
	if !strings.Contains(operator.Remedy, "heyq admission resume") || !strings.Contains(queue.Remedy, "heyq queues resume create") {
		t.Errorf("the remedies are %q and %q", operator.Remedy, queue.Remedy)
	}
}

func TestCause(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	for want, err := range map[string]error{
		"connection refused":                         refused,
		"the database did not answer: dial 1 dial 2": fault.Wrap(errors.New("dial 1\n\tdial 2\n\tdial 2"), fault.Unavailable, "the database did not answer"),
		"no such key":                                fault.New(fault.Invalid, "no such key"),
		"it is away: connection refused":             fault.Wrap(refused, fault.Unavailable, "it is away: connection refused"),
		"HeyGen is away: connection refused":         fault.Wrap(&url.Error{Op: "Get", URL: "http://x", Err: refused}, fault.Unavailable, "HeyGen is away"),
	} {
		if got := cause(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
