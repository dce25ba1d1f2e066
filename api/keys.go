package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func createKeyOp() huma.Operation {
	return huma.Operation{
		OperationID: "create-key",
		Tags:        []string{keysTag},
		Summary:     "Create a key",
		Description: "Makes a key that lets a program in, in the name of who asks for it. `secret` is shown this once. " +
			"A key may do what both its scopes and the role of its user allow.",
		MaxBodyBytes:  maxBody,
		RequestBody:   required(examples{"shop": {Summary: "For a shop", Value: wire.NewKey{Name: "import of the shop", Scopes: []string{"videos:read", "videos:write"}}}}),
		DefaultStatus: http.StatusCreated,
		Responses:     map[string]*huma.Response{"201": answers("Made", wire.MadeKey{Key: keyExample(), Secret: "heyq_k7f3q2ab_ABCDEFGHIJKLMNOPQRSTUVWXYZ"})},
		Errors:        []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type newKeyInput struct{ JSON body[wire.NewKey] }

type madeKeyOutput struct{ Body wire.MadeKey }

func (s *server) createKey(ctx context.Context, in *newKeyInput) (*madeKeyOutput, error) {
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	made, secret, err := s.keys.Create(ctx, callerOf(ctx), asked)
	if err != nil {
		return nil, err
	}
	return &madeKeyOutput{wire.MadeKey{Key: showKey(made), Secret: secret}}, nil
}

func listKeysOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-keys",
		Tags:        []string{keysTag},
		Summary:     "List keys",
		Description: "Your own keys, newest first, a thousand at most; an owner sees those of all users.",
		Responses:   map[string]*huma.Response{"200": answers("The keys", wire.KeyList{Keys: []wire.Key{keyExample()}})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

type keyListOutput struct{ Body wire.KeyList }

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*keyListOutput, error) {
	list, err := s.keys.List(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	shown := make([]wire.Key, len(list))
	for i, k := range list {
		shown[i] = showKey(k)
	}
	return &keyListOutput{wire.KeyList{Keys: shown}}, nil
}

func revokeKeyOp() huma.Operation {
	return huma.Operation{
		OperationID: "revoke-key",
		Tags:        []string{keysTag},
		Summary:     "Revoke a key",
		Description: "Ends a key for good. Within two seconds no process lets it in any more.",
		Responses:   map[string]*huma.Response{"200": answers("Revoked", keyExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type keyInput struct {
	ID string `path:"id" doc:"The key's id, a UUID"`
}

type keyOutput struct{ Body wire.Key }

func (s *server) revokeKey(ctx context.Context, in *keyInput) (*keyOutput, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil || len(in.ID) != len(uuid.Nil.String()) {
		return nil, fault.New(fault.NotFound, "there is no key %.100q", in.ID).WithAdvice(fault.ListKeys, "")
	}
	k, err := s.keys.Revoke(ctx, callerOf(ctx), id)
	if err != nil {
		return nil, err
	}
	return &keyOutput{showKey(k)}, nil
}

func revokePresentKeyOp() huma.Operation {
	return huma.Operation{
		OperationID: "revoke-present-key",
		Tags:        []string{keysTag},
		Summary:     "Revoke the key that you show",
		Description: "Ends the key that the request shows, for good, as a program does that needs it no more.",
		Responses:   map[string]*huma.Response{"200": answers("Revoked", keyExample())},
		Errors:      []int{http.StatusConflict, http.StatusServiceUnavailable},
	}
}

func (s *server) revokePresentKey(ctx context.Context, _ *struct{}) (*keyOutput, error) {
	k, err := s.keys.RevokePresent(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	return &keyOutput{showKey(k)}, nil
}

func showKey(k store.Key) wire.Key {
	user := store.DefaultUser
	if k.User != uuid.Nil {
		user = k.User.String()
	}
	return wire.Key{
		ID: k.ID.String(), UserID: user, Name: k.Name, Shown: k.Shown, Scopes: append([]string{}, k.Scopes...),
		CreatedAt: k.CreatedAt.UTC(), ExpiresAt: timeOrNull(k.ExpiresAt), UsedAt: timeOrNull(k.UsedAt), RevokedAt: timeOrNull(k.RevokedAt),
	}
}

func keyExample() wire.Key {
	return showKey(store.Key{
		ID: exampleID, Name: "import of the shop", Shown: "heyq_k7f3q2ab", Scopes: []string{"videos:read", "videos:write"},
		CreatedAt: exampleAt, UsedAt: exampleAt.Add(time.Hour),
	})
}
