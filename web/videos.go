package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"heyq/internal/check"
	"heyq/internal/fault"
	"heyq/people"
	"heyq/store"
)

// videosPage is what videos.html reads.
type videosPage struct {
	Tabs   []tab
	State  store.State // that is asked for; empty: any
	User   string      // whose they are; empty: anybody's
	Owners bool        // rows say whose they are
	Rows   []row
	Pager  pager
	Write  bool // the caller may make one
}

// tab is a link that narrows the list.
type tab struct {
	Label, Path string
	Current     bool
}

// row is one video of a list.
type row struct {
	store.Video
	Owner   string
	Alive   bool   // it has not ended
	Percent int    // how far it is
	Left    string // about how long it takes from now; empty: not known
}

// videos lists videos, newest first.
func (f *Face) videos(r *http.Request) (answer, error) {
	q, err := query(r, "state", "user", "page", "after")
	if err != nil {
		return answer{}, err
	}
	at, err := pagingOf(q)
	if err != nil {
		return answer{}, err
	}
	filter := store.Filter{State: store.State(q.Get("state")), UserID: q.Get("user"), Behind: at.after}
	if q.Has("state") && !slices.Contains(store.States, filter.State) {
		return answer{}, wrongAddress("state", q.Get("state"), "is no state; give "+check.Or(stateNames()))
	}
	if _, err := uuid.Parse(filter.UserID); q.Has("user") && filter.UserID != store.DefaultUser && err != nil {
		return answer{}, wrongAddress("user", filter.UserID, "is no user's id; choose a person")
	}
	c := f.Caller(r.Context())
	if q.Has("user") && !c.Sees(filter.UserID) { // the page would name it
		return answer{}, fault.New(fault.NotFound, "there is no user %s", filter.UserID).WithAdvice(fault.ListVideos, "")
	}
	list, total, err := f.Store.Videos(r.Context(), c.Viewer(), filter, at.page())
	if err != nil {
		return answer{}, err
	}
	page := videosPage{Tabs: tabs(q), State: filter.State, Owners: c.Sees(""), Write: c.May(people.WriteVideos)}
	page.Rows = f.rows(r.Context(), list, page.Owners || filter.UserID != "")
	last := uuid.Nil
	if len(list) > 0 {
		last = list[len(list)-1].ID
	}
	page.Pager = at.pager("/videos", q, len(list), total, last)
	if filter.UserID != "" {
		page.User = f.nameOf(r.Context(), filter.UserID)
	}
	return answer{page: "videos", title: "Videos", data: page}, nil
}

func stateNames() (names []string) {
	for _, s := range store.States {
		names = append(names, string(s))
	}
	return names
}

func tabs(at url.Values) []tab {
	link := func(state string) string {
		q := url.Values{}
		if state != "" {
			q.Set("state", state)
		}
		if user := at.Get("user"); user != "" {
			q.Set("user", user)
		}
		if len(q) == 0 {
			return "/videos"
		}
		return "/videos?" + q.Encode()
	}
	list := []tab{{"All", link(""), at.Get("state") == ""}}
	for _, s := range store.States {
		list = append(list, tab{label(s), link(string(s)), at.Get("state") == string(s)})
	}
	return list
}

// rows makes videos presentable.
func (f *Face) rows(ctx context.Context, list []store.Video, owners bool) []row {
	names := map[string]string{}
	rows := make([]row, len(list))
	for i, v := range list {
		rows[i] = row{Video: v}
		if rows[i].Alive = !v.State.Final(); rows[i].Alive {
			o := f.Outlook(v)
			if o.Progress != nil {
				rows[i].Percent = *o.Progress
			}
			if o.ETA != nil {
				rows[i].Left = left(o.ETA.At.Sub(f.Now()))
			}
		}
		if !owners {
			continue
		}
		if names[v.UserID] == "" {
			names[v.UserID] = f.nameOf(ctx, v.UserID)
		}
		rows[i].Owner = names[v.UserID]
	}
	return rows
}

// nameOf is how a page names a user, by its id.
func (f *Face) nameOf(ctx context.Context, id string) string {
	if id == store.DefaultUser {
		return "Owner"
	}
	parsed, err := uuid.Parse(id)
	if err != nil {
		return id // of a program that creates videos for users of its own
	}
	u, err := f.Users.Get(ctx, parsed)
	if err != nil {
		return short(id)
	}
	return u.Name()
}

// Name is the title, or what stands for none.
func (r row) Name() string { return titled(r.Video) }

func titled(v store.Video) string {
	if v.Title == "" {
		return "Untitled"
	}
	return v.Title
}

// Picture is the path of the video's picture; empty: it has none.
func (r row) Picture() string { return picture(r.Video) }

func picture(v store.Video) string {
	if v.File == nil || !v.File.Thumbnail || v.State != store.Completed || !v.FilesRemovedAt.IsZero() {
		return ""
	}
	return fmt.Sprintf("/v1/videos/%s/thumbnail", v.ID)
}

// Length is how long the film is; empty: not known yet.
func (r row) Length() string {
	if r.File == nil {
		return ""
	}
	return clock(r.File.Duration)
}
