package endpoint

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/fault"
	"heyq/internal/heygenhook"
	"heyq/store"
)

// Store is where secrets are kept, and the lock that all processes share.
type Store interface {
	store.Endpoints
	Lead(ctx context.Context, name string, fn func(context.Context) error) error
	Installation(ctx context.Context) (store.Installation, error)
}

// Options are what a Registry works on.
type Options struct {
	HeyGen *heygen.WebhooksService
	Store  Store
	URL    string // the address to register; empty: HeyGen does not reach us
	ByHand bool   // the operator registered URL, and gave heyq the secret
	Log    zerolog.Logger
}

// Registry registers endpoints with HeyGen. It is safe for concurrent use, by
// any number of processes on one store.
type Registry struct {
	Options
	turn chan struct{} // taken by the one call of this process that changes things
}

// New returns a registry.
func New(o Options) *Registry { return &Registry{o, make(chan struct{}, 1)} }

// patience is how long a call may take, the wait for another process included.
const patience = 30 * time.Second

// List returns what is registered with HeyGen, whether or not heyq registered
// it.
func (r *Registry) List(ctx context.Context) ([]heygenhook.Endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	held, err := r.held(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := r.listed(ctx)
	if err != nil {
		return nil, explain(err, "list its webhook endpoints")
	}
	list := make([]heygenhook.Endpoint, len(listed))
	for i, e := range listed {
		list[i] = r.show(e, held)
	}
	return list, nil
}

// Register makes sure that exactly one endpoint of this installation has the
// address at HeyGen and works: enabled, for the events that heyq needs, with a
// secret that heyq knows. One that is so already is left as it is, and so is
// another installation's. An empty url is heyq's own.
func (r *Registry) Register(ctx context.Context, url string) (e heygenhook.Endpoint, err error) {
	if url == "" {
		url = r.URL
	}
	if url == "" {
		return e, fault.New(fault.Invalid, "it is not set where HeyGen reaches this heyq").
			WithField("url", nil, "is missing; give the address, or set HEYQ_PUBLIC_URL")
	}
	err = r.alone(ctx, func(ctx context.Context) error {
		e, err = r.register(ctx, url)
		return err
	})
	return e, err
}

func (r *Registry) register(ctx context.Context, url string) (heygenhook.Endpoint, error) {
	held, err := r.held(ctx)
	if err != nil {
		return heygenhook.Endpoint{}, err
	}
	listed, err := r.listed(ctx)
	if err != nil {
		return heygenhook.Endpoint{}, explain(err, "list its webhook endpoints")
	}
	if err := r.forget(ctx, held, listed); err != nil {
		return heygenhook.Endpoint{}, err
	}
	own := heygenhook.Own(url, held.word)
	url, _ = heygenhook.Owner(own)
	var kept *heygenhook.Endpoint
	var former []string // which work, and do not name the installation: they go when another one works
	for _, candidate := range listed {
		e := r.show(candidate, held)
		address, _ := heygenhook.Owner(e.URL)
		switch {
		case address != url || e.Another != "":
		case kept == nil && Works(e) && (e.URL == own || held.urls[e.ID] == own || r.byHand(e)):
			kept = &e
		case kept == nil && Works(e):
			former = append(former, e.ID)
		default:
			if err := r.removed(ctx, e.ID); err != nil {
				return heygenhook.Endpoint{}, err
			}
		}
	}
	if kept == nil {
		created, err := r.create(ctx, own, held)
		if err != nil {
			return heygenhook.Endpoint{}, err
		}
		kept = &created
	}
	for _, id := range former {
		if err := r.removed(ctx, id); err != nil {
			return heygenhook.Endpoint{}, err
		}
	}
	return *kept, nil
}

// byHand reports whether e is what the operator registered and gave heyq the
// secret of.
func (r *Registry) byHand(e heygenhook.Endpoint) bool { return r.ByHand && e.URL == r.URL }

// create registers url. A crash before the secret is kept leaves an endpoint
// that the next Register replaces.
func (r *Registry) create(ctx context.Context, url string, held holding) (heygenhook.Endpoint, error) {
	created, err := r.HeyGen.Create(ctx, url, heygenhook.Events...)
	if err != nil {
		return heygenhook.Endpoint{}, explain(err, "register "+url)
	}
	kept := store.Endpoint{ID: created.ID, URL: url, Secret: created.Secret}
	if err := r.Store.SaveEndpoint(ctx, kept); err != nil {
		return heygenhook.Endpoint{}, err
	}
	held.secrets[created.ID] = created.Secret
	return r.show(created, held), nil
}

// Delete removes an endpoint at HeyGen, and its secret here. The error is a
// fault.NotFound if neither HeyGen nor heyq knows the endpoint.
func (r *Registry) Delete(ctx context.Context, id string) error {
	return r.alone(ctx, func(ctx context.Context) error {
		held, err := r.held(ctx)
		if err != nil {
			return err
		}
		err = r.remove(ctx, id)
		if _, ours := held.secrets[id]; ours && fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		return err
	})
}

// remove deletes the endpoint at HeyGen first, and then drops its secret. If
// the secret were dropped too early, HeyGen might go on to deliver deliveries
// that heyq cannot verify. If HeyGen does not know the endpoint, the secret is
// dropped all the same, and the error is a fault.NotFound.
func (r *Registry) remove(ctx context.Context, id string) error {
	gone := explain(r.HeyGen.Delete(ctx, id), "delete the webhook endpoint "+id)
	if gone != nil && fault.CodeOf(gone) != fault.NotFound {
		return gone
	}
	if err := r.Store.DropEndpoint(ctx, id); err != nil {
		return err
	}
	return gone
}

// removed is remove, but it is no error if HeyGen does not have the endpoint any more.
func (r *Registry) removed(ctx context.Context, id string) error {
	if err := r.remove(ctx, id); fault.CodeOf(err) != fault.NotFound {
		return err
	}
	return nil
}

// forget drops the secrets of endpoints that HeyGen does not list any more.
func (r *Registry) forget(ctx context.Context, held holding, listed []heygen.Endpoint) error {
	for id := range held.secrets {
		if slices.ContainsFunc(listed, func(e heygen.Endpoint) bool { return e.ID == id }) {
			continue
		}
		if err := r.Store.DropEndpoint(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// alone runs fn while no other call registers or deletes, in this process or in
// another one.
func (r *Registry) alone(ctx context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := r.inTurn(ctx, func() error { return r.Store.Lead(ctx, "heygen endpoints", fn) })
	if errors.Is(err, context.DeadlineExceeded) && fault.CodeOf(err) != fault.Unavailable {
		return fault.Wrap(err, fault.Unavailable, "the webhook endpoints cannot be changed right now").WithHint("try again in a moment")
	}
	return err
}

func (r *Registry) inTurn(ctx context.Context, fn func() error) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
		return fn()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// holding is what the store knows of endpoints, by their ids, and the word of the
// installation.
type holding struct {
	word          string
	secrets, urls map[string]string
}

func (r *Registry) held(ctx context.Context) (h holding, err error) {
	self, err := r.Store.Installation(ctx)
	if err != nil {
		return h, err
	}
	list, err := r.Store.Endpoints(ctx)
	if err != nil {
		return h, err
	}
	h = holding{self.Word(), make(map[string]string, len(list)), make(map[string]string, len(list))}
	for _, e := range list {
		h.secrets[e.ID], h.urls[e.ID] = e.Secret, e.URL
	}
	return h, nil
}

// listed reads all pages.
func (r *Registry) listed(ctx context.Context) (all []heygen.Endpoint, err error) {
	for token := ""; ; {
		page, err := r.HeyGen.List(ctx, 100, token)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if token = page.Next; token == "" {
			return all, nil
		}
	}
}

func (r *Registry) show(e heygen.Endpoint, held holding) heygenhook.Endpoint {
	shown := heygenhook.Endpoint{ID: e.ID, URL: e.URL, Events: e.Events, Enabled: e.Status != "disabled"}
	shown.Known = held.secrets[e.ID] != "" || r.byHand(shown)
	if _, word := heygenhook.Owner(e.URL); word != held.word && held.secrets[e.ID] == "" {
		shown.Another = word
	}
	return shown
}

// Works reports whether HeyGen delivers what heyq needs in a form that it can
// verify.
func Works(e heygenhook.Endpoint) bool {
	for _, event := range heygenhook.Events {
		if len(e.Events) > 0 && !slices.Contains(e.Events, event) {
			return false
		}
	}
	return e.Enabled && e.Known
}

// explain makes a fault of what HeyGen answered.
func explain(err error, doing string) error {
	if err == nil {
		return nil
	}
	answer, answered := errors.AsType[*heygen.Error](err)
	switch {
	case !answered:
		return fault.Wrap(err, fault.Unavailable, "HeyGen could not be asked to %s", doing).WithHint("try again in a moment")
	case answer.Status == http.StatusNotFound:
		return fault.Wrap(err, fault.NotFound, "HeyGen has no such webhook endpoint").WithAdvice(fault.ListEndpoints, "")
	case answer.Status == http.StatusBadRequest:
		return fault.Wrap(err, fault.Invalid, "HeyGen refused to %s", doing).WithField(answer.Param, nil, "%s", answer.Message)
	}
	return fault.Wrap(err, fault.Unavailable, "HeyGen did not %s: %s (%s)", doing, answer.Message, answer.Code)
}
