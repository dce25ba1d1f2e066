package stats

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"heyq/internal/testkit"
)

// processes share one Redis.
func processes(client redis.UniversalClient, ids ...string) (list []*Shared) {
	for _, id := range ids {
		list = append(list, NewShared(New(Options{}), client, id))
	}
	return list
}

func embedded(t *testing.T) (*miniredis.Miniredis, redis.UniversalClient) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return server, client
}

func publish(t *testing.T, list ...*Shared) {
	t.Helper()
	for _, s := range list {
		if err := s.publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSnapshot_survives_the_way_through_Redis(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	for i := range 1000 {
		r.Record(Database, "create videos", nil, time.Duration(i*i)*time.Microsecond)
	}
	r.Record(HTTPRequest, "heygen get", errAway, time.Second)
	encoded, err := r.snapshot().encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := decode(encoded)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Summary()
	if diff := cmp.Diff(want, read.summary()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

// Old and new processes read each other in a deployment.
func TestDecode_leaves_out_what_it_does_not_know(t *testing.T) {
	t.Parallel()
	s, err := decode([]byte(`{"later": 1, "operations": [
		{"type": "carrier_pigeon", "name": "send", "outcome": "success", "sum": 1, "max": 1, "counts": "AQE="},
		{"type": "database", "name": "BEGIN", "outcome": "eaten", "sum": 1, "max": 1, "counts": "AQE="},
		{"type": "database", "name": "BEGIN", "outcome": "success", "sum": 5000, "max": 5000, "counts": "BQH//38H"}]}`)) // 1 at place 5, and 7 beyond the end
	if err != nil {
		t.Fatal(err)
	}
	if sum := s.summary(); sum.Total != 1 || sum.ByType[Database].ByName["BEGIN"].MaxMS != 0.005 {
		t.Errorf("got %+v", sum.Totals)
	}
	if _, err := decode([]byte(`{"operations": 1}`)); err == nil {
		t.Error("what is not ours is accepted")
	}
}

func TestShared_merges_the_histograms_of_all(t *testing.T) {
	t.Parallel()
	_, client := embedded(t)
	all := processes(client, "a", "b")
	// Of 100 operations one process has the 90 fast ones: no mean of the two
	// processes' quantiles would find the p95 of all.
	for range 90 {
		all[0].recorder.Record(Database, "SELECT videos", nil, time.Millisecond)
	}
	for range 10 {
		all[1].recorder.Record(Database, "SELECT videos", nil, time.Second)
	}
	publish(t, all...)
	for _, s := range all {
		sum, n, err := s.Summary(t.Context())
		if err != nil || n != 2 || sum.Total != 100 || sum.P50MS > 1.01 || sum.P95MS < 990 {
			t.Errorf("%s: %d processes, %+v, %v", s.id, n, sum.Totals, err)
		}
	}
}

func TestShared_forgets_who_has_ended(t *testing.T) {
	t.Parallel()
	server, client := embedded(t)
	all := processes(client, "a", "b")
	publish(t, all...)
	server.FastForward(lifetime + time.Second)
	publish(t, all[0])
	if _, n, err := all[0].Summary(t.Context()); n != 1 || err != nil {
		t.Errorf("%d processes are left (%v), want this one", n, err)
	}
	if ids, err := client.SMembers(t.Context(), sharedKey).Result(); err != nil || !slices.Equal(ids, []string{"a"}) {
		t.Errorf("the set holds %q (%v), want a", ids, err)
	}
}

func TestShared_counts_each_process(t *testing.T) {
	t.Parallel()
	server, client := embedded(t)
	all := processes(client, "a", "b")
	all[0].recorder.Record(Database, "BEGIN", nil, time.Second)
	all[1].recorder.Record(Database, "BEGIN", errAway, 2*time.Second)
	publish(t, all...)
	want := func(when string, counts map[string]Counts) {
		t.Helper()
		got, err := all[0].CountsByProcess(t.Context())
		if err != nil || len(got) != len(counts) {
			t.Fatalf("%s: %d processes (%v), want %d", when, len(got), err, len(counts))
		}
		for id, c := range counts {
			if got[id][Database] != c || got[id][RedisOperation] != (Counts{}) {
				t.Errorf("%s: %s counted %+v, want %+v of the database and none of Redis", when, id, got[id], c)
			}
		}
	}
	want("both run", map[string]Counts{"a": {Total: 1, Timed: 1, Time: time.Second}, "b": {Total: 1, Failed: 1, Timed: 1, Time: 2 * time.Second}})
	server.FastForward(lifetime + time.Second)
	all[0].recorder.Record(Database, "commit", nil, time.Second)
	want("one has ended", map[string]Counts{"a": {Total: 2, Timed: 2, Time: 2 * time.Second}})
}

func TestShared_says_that_Redis_is_away(t *testing.T) {
	t.Parallel()
	server, client := embedded(t)
	s := processes(client, "a")[0]
	s.recorder.Record(Database, "BEGIN", nil, time.Second)
	server.Close()
	if _, _, err := s.Summary(t.Context()); err == nil {
		t.Error("the summary of all is without an error")
	}
	if _, err := s.CountsByProcess(t.Context()); err == nil {
		t.Error("the counts of all are without an error")
	}
	if err := s.publish(t.Context()); err == nil {
		t.Error("publishing is without an error")
	}
	if got := s.recorder.Summary().Total; got != 1 {
		t.Errorf("this process counted %d, want 1", got)
	}
}

// A cluster refuses a command for keys that lie on different servers.
func TestShared_on_a_cluster_real(t *testing.T) {
	t.Parallel()
	cluster := testkit.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: strings.Split(strings.TrimPrefix(cluster.URL(), "redis-cluster://"), ","),
	})
	defer client.Close()
	all := processes(client, "a", "b", "c")
	publish(t, all...)
	if _, n, err := all[0].Summary(t.Context()); n != 3 || err != nil {
		t.Errorf("%d processes (%v), want 3", n, err)
	}
}

// What publishing costs every five seconds.
func BenchmarkSnapshot_encode(b *testing.B) {
	r := New(Options{})
	for name := range 40 {
		for i := range 10_000 {
			r.Record(Database, fmt.Sprint("name ", name), nil, time.Duration(i%997*i%1013)*10*time.Microsecond)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		encoded, err := r.snapshot().encode()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(encoded)), "bytes")
	}
}

// Whatever stands in Redis, no reader fails of it.
func FuzzDecode(f *testing.F) {
	r := New(Options{})
	r.Record(Database, "BEGIN", nil, time.Millisecond)
	r.Record(HTTPRequest, "heygen get", errAway, time.Hour)
	encoded, err := r.snapshot().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add([]byte(`{"operations": [{"type": "database", "name": "BEGIN", "outcome": "success", "counts": "////////////"}]}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		s, err := decode(encoded)
		if err != nil {
			return
		}
		again, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		second, err := decode(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.summary(), second.summary()); diff != "" {
			t.Errorf("read, written and read again (-first +second):\n%s", diff)
		}
	})
}

// What takes seconds when all is well says nothing about the average.
func TestCounts_do_not_time_the_lengthy(t *testing.T) {
	t.Parallel()
	r := New(Options{})
	r.Record(HTTPRequest, "heygen create", nil, 20*time.Second)
	r.Record(HTTPRequest, "heygen get", nil, time.Second)
	r.Record(FileOperation, "publish", errors.New("full"), time.Minute)
	counts := r.snapshot().counts()
	if got, want := counts[HTTPRequest], (Counts{Total: 2, Timed: 1, Time: time.Second}); got != want {
		t.Errorf("HTTP: %+v, want %+v", got, want)
	}
	if got, want := counts[FileOperation], (Counts{Total: 1, Failed: 1}); got != want {
		t.Errorf("files: %+v, want %+v", got, want)
	}
}
