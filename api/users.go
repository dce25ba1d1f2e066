package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func createUserOp() huma.Operation {
	return huma.Operation{
		OperationID:  "create-user",
		Tags:         []string{usersTag},
		Summary:      "Create a user",
		Description:  "Creates a user and its profile, both or none. An e-mail that another user has, in whatever case, is a 409.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{"member": {Summary: "A member", Value: map[string]string{
			"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "time_zone": "Europe/London",
		}}}),
		DefaultStatus: http.StatusCreated,
		Responses:     map[string]*huma.Response{"201": answers("Created", userExample())},
		Errors:        []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
	}
}

type newUserInput struct{ JSON body[wire.UserChange] }

type userOutput struct{ Body wire.User }

func (s *server) createUser(ctx context.Context, in *newUserInput) (*userOutput, error) {
	asked, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	return shownUser(s.users.Create(ctx, asked))
}

func getUserOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-user",
		Tags:        []string{usersTag},
		Summary:     "Get a user",
		Description: "A user with its profile.",
		Responses:   map[string]*huma.Response{"200": answers("The user", userExample())},
		Errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type userInput struct {
	ID string `path:"id" doc:"The user's id, a UUID" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
}

func (s *server) getUser(ctx context.Context, in *userInput) (*userOutput, error) {
	id, err := userID(in.ID)
	if err != nil {
		return nil, err
	}
	return shownUser(s.users.Get(ctx, id))
}

func updateUserOp() huma.Operation {
	return huma.Operation{
		OperationID:  "update-user",
		Tags:         []string{usersTag},
		Summary:      "Change a user",
		Description:  "Changes what is given, and leaves the rest as it is. With `{\"active\": false}` the user may do nothing until it is active again; its videos go on.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"name":       {Summary: "Another name", Value: map[string]string{"last_name": "King"}},
			"deactivate": {Summary: "Let it do nothing more", Value: map[string]bool{"active": false}},
		}),
		Responses: map[string]*huma.Response{"200": answers("Changed", userExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable,
		},
	}
}

type changeUserInput struct {
	ID   string `path:"id" doc:"The user's id, a UUID"`
	JSON body[wire.UserChange]
}

func (s *server) updateUser(ctx context.Context, in *changeUserInput) (*userOutput, error) {
	id, err := userID(in.ID)
	if err != nil {
		return nil, err
	}
	change, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	return shownUser(s.users.Update(ctx, id, change))
}

func listUsersOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-users",
		Tags:        []string{usersTag},
		Summary:     "List users",
		Description: "Newest first. " + pagesInWords,
		Responses: map[string]*huma.Response{"200": answers("A page", wire.UserList{
			Users: []wire.User{userExample()}, Pagination: wire.Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1},
		})},
		Errors: []int{http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type listUsersInput struct {
	Search string `query:"search" maxLength:"200" doc:"A part of the name or the e-mail, in any case"`
	Paging
}

type userListOutput struct{ Body wire.UserList }

const userList = "users"

func (s *server) listUsers(ctx context.Context, in *listUsersInput) (*userListOutput, error) {
	after, err := behind(userList, in.Cursor)
	if err != nil {
		return nil, err
	}
	list, total, err := s.users.List(ctx, store.UserFilter{Search: strings.TrimSpace(in.Search), Behind: after}, in.page())
	if err != nil {
		return nil, err
	}
	shown := make([]wire.User, len(list))
	last := ""
	for i, u := range list {
		shown[i], last = showUser(u), u.ID.String()
	}
	return &userListOutput{wire.UserList{Users: shown, Pagination: in.pagination(userList, len(list), total, last)}}, nil
}

func deleteUserOp() huma.Operation {
	return huma.Operation{
		OperationID: "delete-user",
		Tags:        []string{usersTag},
		Summary:     "Delete a user",
		Description: "Forgets a user and its profile, with its keys and its notification secret. With `videos=keep` its videos stay, and belong to the owner from then on. " +
			"With `videos=delete` those that have not ended are cancelled at once, and no receiver is told; all are removed with their files within the next hours: " +
			"what HeyGen still renders when that has ended, since it may be billed.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type deleteUserInput struct {
	ID     string           `path:"id" doc:"The user's id, a UUID"`
	Videos store.LeftVideos `query:"videos" enum:"keep,delete" default:"keep" doc:"What becomes of the user's videos"`
}

func (s *server) deleteUser(ctx context.Context, in *deleteUserInput) (*struct{}, error) {
	id, err := userID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.users.Delete(ctx, id, in.Videos)
}

// userID reads an id. What is no UUID names no user, so it is a fault.NotFound.
func userID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len(uuid.Nil.String()) {
		return id, fault.New(fault.NotFound, "there is no user %.100q", s).WithAdvice(fault.ListUsers, "")
	}
	return id, nil
}

func shownUser(u store.User, err error) (*userOutput, error) {
	if err != nil {
		return nil, err
	}
	return &userOutput{showUser(u)}, nil
}

func showUser(u store.User) wire.User {
	return wire.User{
		ID: u.ID.String(), Email: u.Email, Role: u.Role,
		FirstName: u.Profile.FirstName, LastName: u.Profile.LastName, Bio: u.Profile.Bio, AvatarURL: u.Profile.AvatarURL, TimeZone: u.Profile.TimeZone,
		Active: u.DeactivatedAt.IsZero(), CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(), DeactivatedAt: timeOrNull(u.DeactivatedAt),
		PasswordSetAt: timeOrNull(u.PasswordSetAt),
	}
}

func userExample() wire.User {
	return showUser(store.User{
		ID: exampleID, Email: "ada@example.com", Role: store.RoleMember, CreatedAt: exampleAt, UpdatedAt: exampleAt,
		Profile: store.Profile{FirstName: "Ada", LastName: "Lovelace", TimeZone: "Europe/London"},
	})
}

func userVideosOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-user-videos",
		Tags:        []string{usersTag},
		Summary:     "List a user's videos",
		Description: "Newest first, each with the user's name. " + pagesInWords,
		Responses: map[string]*huma.Response{"200": answers("A page", wire.UserVideoList{
			Videos:     []wire.UserVideo{{Video: completedExample().Video, UserName: "Ada Lovelace"}},
			Pagination: wire.Pagination{Page: 1, PerPage: 50, Total: 1, TotalPages: 1},
		})},
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
}

type userVideosInput struct {
	ID string `path:"id" doc:"The user's id, a UUID"`
	Paging
}

type userVideosOutput struct{ Body wire.UserVideoList }

func (s *server) listUserVideos(ctx context.Context, in *userVideosInput) (*userVideosOutput, error) {
	id, err := userID(in.ID)
	if err != nil {
		return nil, err
	}
	if !callerOf(ctx).Sees(id.String()) {
		return nil, store.ErrNoUser(id)
	}
	u, err := s.users.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	videos, err := s.listVideos(ctx, &listInput{UserID: id.String(), Paging: in.Paging})
	if err != nil {
		return nil, err
	}
	shown := make([]wire.UserVideo, len(videos.Body.Videos))
	for i, v := range videos.Body.Videos {
		shown[i] = wire.UserVideo{Video: v, UserName: u.Name()}
	}
	return &userVideosOutput{wire.UserVideoList{Videos: shown, Pagination: videos.Body.Pagination}}, nil
}
