package api

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func createLinkOp() huma.Operation {
	link := linkExample()
	return huma.Operation{
		OperationID: "invite-user",
		Tags:        []string{usersTag},
		Summary:     "Invite a user",
		Description: "Makes a link by which the user sets a password, once and within 72 hours; it is for you to hand on. " +
			"The link that the user had before is void. With `{\"kind\": \"reset\"}` it is for a user who has forgotten the password.",
		MaxBodyBytes:  maxBody,
		RequestBody:   optional(examples{"reset": {Summary: "For another password", Value: wire.NewLink{Kind: store.Reset}}}),
		DefaultStatus: http.StatusCreated,
		Responses:     map[string]*huma.Response{"201": answers("Made", link)},
		Errors:        []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type newLinkInput struct {
	ID   string `path:"id" doc:"The user's id, a UUID"`
	JSON body[wire.NewLink]
	base string
}

// Resolve notes under which address the request came.
func (in *newLinkInput) Resolve(ctx huma.Context) []error {
	scheme := "http"
	if ctx.TLS() != nil {
		scheme = "https"
	}
	in.base = scheme + "://" + ctx.Host()
	return nil
}

type linkOutput struct{ Body wire.Link }

func (s *server) createLink(ctx context.Context, in *newLinkInput) (*linkOutput, error) {
	id, err := userID(in.ID)
	if err != nil {
		return nil, err
	}
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	link, token, err := s.passwords.Link(ctx, id, asked.Kind)
	if err != nil {
		return nil, err
	}
	return &linkOutput{showLink(link, token, cmp.Or(s.publicURL, in.base))}, nil
}

func usePasswordLinkOp() huma.Operation {
	return huma.Operation{
		OperationID:   "set-password",
		Tags:          []string{meTag},
		Summary:       "Set a password by a link",
		Description:   "Sets the password of the user for whom the link was made, and ends all of the user's sessions. It wants no token but the link's, which is good once. An address that was wrong ten times within a minute is a 429.",
		MaxBodyBytes:  maxOpenBody,
		RequestBody:   required(examples{"first": {Summary: "A first password", Value: wire.PasswordByLink{Token: linkExample().Token, Password: "a few words of mine"}}}),
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}
}

type passwordByLinkInput struct{ JSON body[wire.PasswordByLink] }

func (s *server) usePasswordLink(ctx context.Context, in *passwordByLinkInput) (*struct{}, error) {
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	return nil, s.passwords.Use(ctx, asked.Token, asked.Password)
}

func showLink(l store.Link, token, base string) wire.Link {
	return wire.Link{UserID: l.User.String(), Kind: l.Kind, URL: base + "/password?token=" + token, Token: token, ExpiresAt: l.ExpiresAt.UTC()}
}

func linkExample() wire.Link {
	return showLink(store.Link{User: exampleID, Kind: store.Invite, ExpiresAt: exampleAt.Add(store.LinkLife)}, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "https://heyq.example.com")
}
