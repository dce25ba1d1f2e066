package endpoint

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"heyq/heygen"
	"heyq/internal/callback"
	"heyq/internal/fault"
	"heyq/store"
)

// Store is where secrets are kept, and the lock that all processes share.
type Store interface {
	store.Endpoints
	Lead(ctx context.Context, name string, fn func(context.Context) error) error
}

// Options are what a Registry works on.
type Options struct {
	HeyGen *heygen.WebhooksService
	Store  Store
	URL    string // the address to register; empty: HeyGen does not reach us
	ByHand bool   // somebody registered URL himself, and gave heyq the secret
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

// List returns what is registered with HeyGen, whoever registered it.
func (r *Registry) List(ctx context.Context) ([]callback.Endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	secrets, err := r.secrets(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := r.listed(ctx)
	if err != nil {
		return nil, explain(err, "list its webhook endpoints")
	}
	list := make([]callback.Endpoint, len(listed))
	for i, e := range listed {
		list[i] = r.show(e, secrets)
	}
	return list, nil
}

// Register makes sure that exactly one endpoint at HeyGen has the address and
// works: enabled, for the events that heyq needs, with a secret that heyq
// knows. One that is so already is left as it is. An empty url is heyq's own.
func (r *Registry) Register(ctx context.Context, url string) (e callback.Endpoint, err error) {
	if url == "" {
		url = r.URL
	}
	if url == "" {
		return e, fault.New(fault.Invalid, "nobody says where HeyGen reaches this heyq").
			WithField("url", nil, "is missing; give the address, or set HEYQ_PUBLIC_URL")
	}
	err = r.alone(ctx, func(ctx context.Context) error {
		e, err = r.register(ctx, url)
		return err
	})
	return e, err
}

func (r *Registry) register(ctx context.Context, url string) (callback.Endpoint, error) {
	secrets, err := r.secrets(ctx)
	if err != nil {
		return callback.Endpoint{}, err
	}
	listed, err := r.listed(ctx)
	if err != nil {
		return callback.Endpoint{}, explain(err, "list its webhook endpoints")
	}
	if err := r.forget(ctx, secrets, listed); err != nil {
		return callback.Endpoint{}, err
	}
	var kept *callback.Endpoint
	for _, candidate := range listed {
		e := r.show(candidate, secrets)
		switch {
		case e.URL != url:
		case kept == nil && Works(e):
			kept = &e
		default:
			if err := r.remove(ctx, e.ID); err != nil && fault.CodeOf(err) != fault.NotFound {
				return callback.Endpoint{}, err
			}
		}
	}
	if kept != nil {
		return *kept, nil
	}
	return r.create(ctx, url)
}

// create registers url. A crash before the secret is kept leaves an endpoint
// that the next Register replaces.
func (r *Registry) create(ctx context.Context, url string) (callback.Endpoint, error) {
	created, err := r.HeyGen.Create(ctx, url, callback.Events...)
	if err != nil {
		return callback.Endpoint{}, explain(err, "register "+url)
	}
	kept := store.Endpoint{ID: created.ID, URL: url, Secret: created.Secret}
	if err := r.Store.SaveEndpoint(ctx, kept); err != nil {
		return callback.Endpoint{}, err
	}
	return r.show(created, map[string]string{created.ID: created.Secret}), nil
}

// Delete removes an endpoint at HeyGen, and its secret here. A fault.NotFound:
// neither knows it.
func (r *Registry) Delete(ctx context.Context, id string) error {
	return r.alone(ctx, func(ctx context.Context) error {
		secrets, err := r.secrets(ctx)
		if err != nil {
			return err
		}
		err = r.remove(ctx, id)
		if _, held := secrets[id]; held && fault.CodeOf(err) == fault.NotFound {
			return nil
		}
		return err
	})
}

// remove deletes at HeyGen first: a secret that is dropped too early would make
// an endpoint useless that goes on to deliver. Where HeyGen does not know it,
// its secret is dropped all the same, and the error is a fault.NotFound.
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

// forget drops the secrets of endpoints that HeyGen does not list any more.
func (r *Registry) forget(ctx context.Context, secrets map[string]string, listed []heygen.Endpoint) error {
	for id := range secrets {
		if slices.ContainsFunc(listed, func(e heygen.Endpoint) bool { return e.ID == id }) {
			continue
		}
		if err := r.Store.DropEndpoint(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// alone runs fn while nobody else registers or deletes, in this process or in
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

// secrets are those that the store holds, by the endpoint's id.
func (r *Registry) secrets(ctx context.Context) (map[string]string, error) {
	held, err := r.Store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	secrets := make(map[string]string, len(held))
	for _, e := range held {
		secrets[e.ID] = e.Secret
	}
	return secrets, nil
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

func (r *Registry) show(e heygen.Endpoint, secrets map[string]string) callback.Endpoint {
	return callback.Endpoint{
		ID: e.ID, URL: e.URL, Events: e.Events, Enabled: e.Status != "disabled",
		Known: secrets[e.ID] != "" || r.ByHand && e.URL == r.URL,
	}
}

// Works reports whether HeyGen delivers what heyq needs in a form that it can
// verify.
func Works(e callback.Endpoint) bool {
	for _, event := range callback.Events {
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
		return fault.Wrap(err, fault.NotFound, "HeyGen has no such webhook endpoint").WithHint("list them with `heyq webhooks list`")
	case answer.Status == http.StatusBadRequest:
		return fault.Wrap(err, fault.Invalid, "HeyGen refused to %s", doing).WithField(answer.Param, nil, "%s", answer.Message)
	}
	return fault.Wrap(err, fault.Unavailable, "HeyGen did not %s: %s (%s)", doing, answer.Message, answer.Code)
}
