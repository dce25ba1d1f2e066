package simulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := start(t, simulator.Options{Clock: c.now})
	id := a.create("one", idempotencyKey, "k.1")
	a.create("one", idempotencyKey, "k.1")
	get[video](a, "/v3/videos/"+id)
	a.do("GET", "/v3/videos/statuses?video_ids="+id, nil)
	file := a.do("GET", get[video](a, "/v3/videos/"+id).VideoURL, nil).body

	var ledger simulator.Ledger
	if err := json.Unmarshal([]byte(a.do("GET", "/_sim/ledger", nil, "X-Api-Key", "").body), &ledger); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(file))
	want := []simulator.Billed{{
		VideoID: id, IdempotencyKey: "k.1", Title: "one", CreatedAt: c.now(), BilledSeconds: 4,
		SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(file)),
	}}
	if diff := cmp.Diff(want, ledger.Renders); diff != "" || ledger.Accepted != 1 || ledger.MaxInFlight != 1 {
		t.Errorf("%+v %s", ledger, diff)
	}
	called := map[string]int64{}
	for name, n := range ledger.Calls {
		if n > 0 {
			called[name] = n
		}
	}
	if diff := cmp.Diff(map[string]int64{"create": 2, "get": 2, "statuses": 1}, called); diff != "" {
		t.Error(diff)
	}
	if _, known := ledger.Calls["delete"]; !known {
		t.Error("a call that was never made has no counter")
	}

	var short map[string]any
	if err := json.Unmarshal([]byte(a.do("GET", "/_sim/ledger?renders=false", nil).body), &short); err != nil {
		t.Fatal(err)
	}
	if _, listed := short["renders"]; listed || short["accepted"] != 1.0 {
		t.Errorf("short ledger %v", short)
	}
}
