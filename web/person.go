package web

import (
	"net/http"
	"net/url"

	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// personPage is what person.html reads.
type personPage struct {
	form
	User  *personRow // nil: one to be made
	Saved bool
	Roles []roleChoice
}

// roleChoice is a role with what it is for.
type roleChoice struct {
	Role  store.Role
	Words string
}

var roleChoices = []roleChoice{
	{store.RoleMember, "makes videos, and sees its own"},
	{store.RoleViewer, "looks at what it is shown"},
	{store.RoleManager, "sees and changes all videos"},
	{store.RoleOperator, "moves queues, jobs and alerts too"},
	{store.RoleOwner, "may do everything"},
}

func (f *Face) newPerson(r *http.Request) (answer, error) {
	if _, err := query(r); err != nil {
		return answer{}, err
	}
	return personForm(nil, form{Values: url.Values{"role": {string(store.RoleMember)}, "time_zone": {"UTC"}}}, 0)
}

func personForm(u *store.User, typed form, status int) (answer, error) {
	page := personPage{form: typed, Roles: roleChoices}
	title := "New person"
	if u != nil {
		page.User, title = &personRow{*u}, u.Name()
	}
	return answer{status: status, page: "person", title: title, data: page}, nil
}

func (f *Face) createPerson(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	made, err := f.Users.Create(r.Context(), changeOf(sent))
	if err == nil {
		return answer{to: "/people/" + made.ID.String() + "?saved=1"}, nil
	}
	typed := form{Values: sent}
	status, ok := typed.refused(err, "The person was not made yet: some of it is not right.")
	if !ok {
		return answer{}, err
	}
	return personForm(nil, typed, status)
}

// changeOf reads a form about a person. What a form does not have stays as it is.
func changeOf(sent url.Values) wire.UserChange {
	c := wire.UserChange{
		Email: given(sent, "email"), FirstName: given(sent, "first_name"), LastName: given(sent, "last_name"), TimeZone: given(sent, "time_zone"),
	}
	if role := given(sent, "role"); role != nil {
		c.Role = (*store.Role)(role)
	}
	return c
}

func given(sent url.Values, name string) *string {
	if !sent.Has(name) {
		return nil
	}
	value := sent.Get(name)
	return &value
}

// someone returns the user of a path.
func (f *Face) someone(r *http.Request) (store.User, error) {
	id, err := idOf(r, "user", fault.ListUsers)
	if err != nil {
		return store.User{}, err
	}
	return f.Users.Get(r.Context(), id)
}

func (f *Face) person(r *http.Request) (answer, error) {
	q, err := query(r, "saved")
	if err != nil {
		return answer{}, err
	}
	u, err := f.someone(r)
	if err != nil {
		return answer{}, err
	}
	a, err := personForm(&u, form{Values: profileOf(u)}, 0)
	page := a.data.(personPage)
	page.Saved = q.Has("saved")
	a.data = page
	return a, err
}

func (f *Face) changePerson(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	u, err := f.someone(r)
	if err != nil {
		return answer{}, err
	}
	if _, err = f.Users.Update(r.Context(), u.ID, changeOf(sent)); err == nil {
		return answer{to: "/people/" + u.ID.String() + "?saved=1"}, nil
	}
	typed := form{Values: sent}
	status, ok := typed.refused(err, notSaved)
	if !ok {
		return answer{}, err
	}
	return personForm(&u, typed, status)
}

// askActive asks whether a user is to be deactivated, or to be active again.
func (f *Face) askActive(r *http.Request) (answer, error) {
	u, err := f.someone(r)
	if err != nil {
		return answer{}, err
	}
	page := askPage{
		ID: u.ID.String(), Name: u.Name(), Sub: u.Email, Back: step{"Back to the person", "/people/" + u.ID.String()},
		Asks: "Deactivate this person?", Yes: "Deactivate", Value: "no", Danger: true,
		Means: "The person may do nothing until it is active again, and its keys let nobody in. Its videos go on.",
	}
	if !u.DeactivatedAt.IsZero() {
		page.Asks, page.Yes, page.Value, page.Danger = "Activate this person?", "Activate", "yes", false
		page.Means = "The person may do again what its role allows, and its keys let in again."
	}
	return page.answer()
}

func (f *Face) changeActive(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	u, err := f.someone(r)
	if err != nil {
		return answer{}, err
	}
	active := sent.Get("value") == "yes"
	if _, err := f.Users.Update(r.Context(), u.ID, wire.UserChange{Active: &active}); err != nil {
		return answer{}, err
	}
	return answer{to: "/people/" + u.ID.String()}, nil
}
