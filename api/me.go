package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/auth"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

func meOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-me",
		Tags:        []string{meTag},
		Summary:     "Get who you are",
		Description: "Who sends the request, what it may do, and the profile if it is a user.",
		Responses:   map[string]*huma.Response{"200": answers("You", meExample())},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

type meOutput struct{ Body wire.Me }

func (s *server) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	c := callerOf(ctx)
	me := wire.Me{ID: c.User, Name: c.Name, Role: c.Role, By: "token", Scopes: []string{}}
	switch {
	case c.Scopes != nil:
		me.By = "key"
	case auth.LoginOf(ctx) != "":
		me.By = "login"
	}
	for _, scope := range c.Can() {
		me.Scopes = append(me.Scopes, string(scope))
	}
	if id, err := uuid.Parse(c.User); err == nil {
		u, err := s.users.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		shown := showUser(u)
		me.User = &shown
	}
	return &meOutput{me}, nil
}

func updateMeOp() huma.Operation {
	return huma.Operation{
		OperationID:  "update-me",
		Tags:         []string{meTag},
		Summary:      "Change your profile",
		Description:  "Changes what is given of your own profile, and leaves the rest as it is. The e-mail, the role and the end of a user are for an owner to change. A key changes nothing here.",
		MaxBodyBytes: maxBody,
		RequestBody:  required(examples{"name": {Summary: "Another name", Value: map[string]string{"last_name": "King"}}}),
		Responses:    map[string]*huma.Response{"200": answers("Changed", userExample())},
		Errors:       []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type profileInput struct{ JSON body[wire.ProfileChange] }

func (s *server) updateMe(ctx context.Context, in *profileInput) (*userOutput, error) {
	change, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	u, err := s.users.Own(ctx, callerOf(ctx), "changes no profile")
	if err != nil {
		return nil, err
	}
	return shownUser(s.users.Update(ctx, u.ID, change.User()))
}

func setPasswordOp() huma.Operation {
	return huma.Operation{
		OperationID:   "set-my-password",
		Tags:          []string{meTag},
		Summary:       "Set your password",
		Description:   "Sets your own password, and ends all of your sessions but the present one. A key sets none.",
		MaxBodyBytes:  maxBody,
		RequestBody:   required(examples{"another": {Summary: "Another password", Value: wire.PasswordChange{Current: "a few words of mine", New: "and a few other ones"}}}),
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type passwordChangeInput struct{ JSON body[wire.PasswordChange] }

func (s *server) setPassword(ctx context.Context, in *passwordChangeInput) (*struct{}, error) {
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	return nil, s.passwords.Set(ctx, callerOf(ctx), asked.Current, asked.New, auth.LoginOf(ctx))
}

func meExample() wire.Me {
	u := userExample()
	return wire.Me{
		ID: u.ID, Name: u.Email, Role: store.RoleMember, By: "login",
		Scopes: []string{string(people.ReadVideos), string(people.WriteVideos)}, User: &u,
	}
}
