package endpoint_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/heygen/simulator"
	"heyq/internal/fault"
	"heyq/internal/heygenhook"
	"heyq/internal/testkit"
	"heyq/operate/endpoint"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/sqlite/sqlitetest"
)

const ours = "https://heyq.example/webhooks/heygen"

func TestMain(m *testing.M) { testkit.Main(m) }

// account is a HeyGen account, reached without a network, that counts how often
// it was told to change.
type account struct {
	*heygen.WebhooksService
	simulator *simulator.Simulator
	changes   atomic.Int32
	away      atomic.Bool
}

func newAccount(t *testing.T) *account {
	t.Helper()
	sim, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	a := &account{simulator: sim}
	client, err := heygen.New(heygen.Options{BaseURL: "http://heygen", APIKey: "key", Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	a.WebhooksService = client.Webhooks
	return a
}

// RoundTrip implements http.RoundTripper.
func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	switch {
	case a.away.Load():
		w.WriteHeader(http.StatusForbidden)
	case r.Method != http.MethodGet:
		a.changes.Add(1)
		fallthrough
	default:
		a.simulator.ServeHTTP(w, r)
	}
	return w.Result(), nil
}

func (a *account) create(t *testing.T, url string, events ...string) heygen.Endpoint {
	t.Helper()
	e, err := a.Create(t.Context(), url, events...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newRegistry(a *account, s endpoint.Store, change ...func(*endpoint.Options)) *endpoint.Registry {
	o := endpoint.Options{HeyGen: a.WebhooksService, Store: s, URL: ours, Log: zerolog.Nop()}
	for _, c := range change {
		c(&o)
	}
	return endpoint.New(o)
}

func register(t *testing.T, r *endpoint.Registry, url string) heygenhook.Endpoint {
	t.Helper()
	e, err := r.Register(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// wantOne fails the test unless one endpoint works at ours, and its secret is
// the only one that the store holds for it.
func wantOne(t *testing.T, r *endpoint.Registry, s store.Store) string {
	t.Helper()
	list, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var working []string
	for _, e := range list {
		if address, _ := heygenhook.Owner(e.URL); address == ours && e.Enabled && e.Known {
			working = append(working, e.ID)
		}
	}
	held, err := s.Endpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || len(working) != 1 || len(held) != 1 || held[0].ID != working[0] || held[0].Secret == "" {
		t.Fatalf("HeyGen lists %+v and the store holds %d, want one that works", list, len(held))
	}
	return working[0]
}

func TestRegister(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		before func(t *testing.T, a *account, s store.Store)
	}{
		{"where nothing is registered", func(*testing.T, *account, store.Store) {}},
		{"where nobody knows the secret", func(t *testing.T, a *account, _ store.Store) { a.create(t, ours) }},
		{"where nobody knows either secret", func(t *testing.T, a *account, _ store.Store) {
			a.create(t, ours)
			a.create(t, ours)
		}},
		{"where the secret is of one that is gone", func(t *testing.T, _ *account, s store.Store) {
			save(t, s, store.Endpoint{ID: "gone", URL: ours, Secret: "s"})
		}},
		{"where one from before works", func(t *testing.T, a *account, s store.Store) {
			known := a.create(t, ours)
			save(t, s, store.Endpoint{ID: known.ID, URL: ours, Secret: known.Secret})
		}},
		{"where one of two is known", func(t *testing.T, a *account, s store.Store) {
			a.create(t, ours)
			known := a.create(t, ours)
			save(t, s, store.Endpoint{ID: known.ID, URL: ours, Secret: known.Secret})
		}},
		{"where both are known", func(t *testing.T, a *account, s store.Store) {
			for range 2 {
				known := a.create(t, ours)
				save(t, s, store.Endpoint{ID: known.ID, URL: ours, Secret: known.Secret})
			}
		}},
		{"where it is for other events", func(t *testing.T, a *account, s store.Store) {
			known := a.create(t, ours, "batch.finished")
			save(t, s, store.Endpoint{ID: known.ID, URL: ours, Secret: known.Secret})
		}},
		{"where the answer had no secret", func(t *testing.T, a *account, s store.Store) {
			save(t, s, store.Endpoint{ID: a.create(t, ours).ID, URL: ours})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, s := newAccount(t), sqlitetest.Open(t)
			c.before(t, a, s)
			r := newRegistry(a, s)
			got := register(t, r, "")
			want := heygenhook.Endpoint{ID: wantOne(t, r, s), URL: own(t, s, ours), Events: heygenhook.Events, Enabled: true, Known: true}
			if len(got.Events) == 0 {
				want.Events = got.Events // all of them
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("registered (-want +got):\n%s", diff)
			}

			changes := a.changes.Load()
			if again := register(t, r, ""); again.ID != got.ID || a.changes.Load() != changes {
				t.Errorf("the second Register made %s of %s, in %d changes", again.ID, got.ID, a.changes.Load()-changes)
			}
		})
	}
}

// own is the address as this installation registers it.
func own(t *testing.T, s store.Store, address string) string {
	t.Helper()
	self, err := s.Installation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return heygenhook.Own(address, self.Word())
}

func save(t *testing.T, s store.Store, e store.Endpoint) {
	t.Helper()
	if err := s.SaveEndpoint(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// What the operator registered by hand, and gave heyq the secret of, is left
// alone.
func TestRegister_by_hand(t *testing.T) {
	t.Parallel()
	a, s := newAccount(t), sqlitetest.Open(t)
	byHand := a.create(t, ours)
	got := register(t, newRegistry(a, s, func(o *endpoint.Options) { o.ByHand = true }), "")
	if got.ID != byHand.ID || a.changes.Load() != 1 {
		t.Errorf("got %+v in %d changes, want %s as it was", got, a.changes.Load(), byHand.ID)
	}
}

// Other addresses, of another heyq or of another program, are not ours to touch.
func TestRegister_leaves_others_alone(t *testing.T) {
	t.Parallel()
	a, s := newAccount(t), sqlitetest.Open(t)
	other := a.create(t, "https://other.example/webhooks/heygen")
	r := newRegistry(a, s)
	register(t, r, "")
	second := register(t, r, "https://heyq.example/second")
	list, err := r.List(t.Context())
	if err != nil || len(list) != 3 || list[0].ID != other.ID || list[0].Known || !list[1].Known || list[2].ID != second.ID {
		t.Errorf("HeyGen lists %+v (%v), want the other one and two of ours", list, err)
	}
	held, err := s.Endpoints(t.Context())
	if err != nil || len(held) != 2 {
		t.Errorf("the store holds %+v (%v), want two", held, err)
	}
}

// Two installations with one address leave each other's endpoint alone, and tell
// of it, whichever is first and however often they look.
func TestRegister_beside_another_heyq(t *testing.T) {
	t.Parallel()
	a, mine, theirs := newAccount(t), sqlitetest.Open(t), sqlitetest.Open(t)
	first, second := newRegistry(a, mine), newRegistry(a, theirs)
	one, other := register(t, first, ""), register(t, second, "")
	for range 2 {
		if again := register(t, first, ""); again.ID != one.ID {
			t.Errorf("the first one's is %s by now, and was %s", again.ID, one.ID)
		}
		if again := register(t, second, ""); again.ID != other.ID {
			t.Errorf("the second one's is %s by now, and was %s", again.ID, other.ID)
		}
	}
	if n := a.changes.Load(); n != 2 {
		t.Errorf("HeyGen was told to change %d times, want twice", n)
	}
	list, err := first.List(t.Context())
	self, unknown := theirs.Installation(t.Context())
	if err != nil || unknown != nil || len(list) != 2 || list[0].Another != "" || list[1].Another != self.Word() || list[1].Known {
		t.Errorf("the first one lists %+v (%v), want its own and that of %s", list, err, self.Word())
	}
}

// Any number of processes that start at once end with one endpoint.
func TestRegister_races_real(t *testing.T) {
	t.Parallel()
	a, url := newAccount(t), testkit.Postgres(t)
	var first store.Store
	var all sync.WaitGroup
	var registries []*endpoint.Registry
	for range 3 {
		s, err := postgres.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if first == nil {
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			first = s
		}
		registries = append(registries, newRegistry(a, s))
	}
	for _, r := range registries {
		all.Go(func() {
			if _, err := r.Register(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantOne(t, registries[0], first)
	if n := a.changes.Load(); n != 1 {
		t.Errorf("HeyGen was told to change %d times, want once", n)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	a, s := newAccount(t), sqlitetest.Open(t)
	r := newRegistry(a, s)
	e := register(t, r, "")
	stranger := a.create(t, "https://other.example")
	save(t, s, store.Endpoint{ID: "gone", URL: ours, Secret: "s"})
	for _, id := range []string{e.ID, stranger.ID, "gone"} {
		if err := r.Delete(t.Context(), id); err != nil {
			t.Errorf("delete %s: %v", id, err)
		}
		if err := r.Delete(t.Context(), id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("delete %s again: %v, want that it is not found", id, err)
		}
	}
	if held, err := s.Endpoints(t.Context()); err != nil || len(held) > 0 {
		t.Errorf("the store still holds %+v (%v)", held, err)
	}
}

func TestRegistry_faults(t *testing.T) {
	t.Parallel()
	a, s := newAccount(t), sqlitetest.Open(t)
	r := newRegistry(a, s)
	_, err := newRegistry(a, s, func(o *endpoint.Options) { o.URL = "" }).Register(t.Context(), "")
	wantFault(t, "no address", err, fault.Invalid)
	_, err = r.Register(t.Context(), "ftp://heyq.example")
	wantFault(t, "an address that HeyGen refuses", err, fault.Invalid)

	a.away.Store(true)
	_, err = r.Register(t.Context(), "")
	wantFault(t, "register", err, fault.Unavailable)
	_, err = r.List(t.Context())
	wantFault(t, "list", err, fault.Unavailable)
	wantFault(t, "delete", r.Delete(t.Context(), "x"), fault.Unavailable)

	a.away.Store(false)
	failing := newRegistry(a, failingStore{s})
	_, err = failing.Register(t.Context(), "")
	wantFault(t, "the store", err, fault.Unavailable)
	register(t, r, "") // replaces what the failure left at HeyGen
	wantOne(t, r, s)
}

func wantFault(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want a fault %q", what, err, code)
	}
}

// failingStore loses what it is to keep.
type failingStore struct{ store.Store }

func (failingStore) SaveEndpoint(context.Context, store.Endpoint) error {
	return fault.Wrap(errors.New("disk full"), fault.Unavailable, "the database did not answer")
}
