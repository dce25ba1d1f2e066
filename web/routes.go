package web

import (
	"net/http"

	"heyq/people"
)

// routes is all pages: each with the scope that it wants, and beside it the file that
// answers it. Which role has which scope stands in people/access.go.
func (f *Face) routes() {
	f.page("GET /videos", people.ReadVideos, f.videos)                    // videos.go
	f.page("GET /videos/new", people.WriteVideos, f.newVideo)             // video_new.go
	f.page("POST /videos/new", people.WriteVideos, f.createVideo)         // video_new.go
	f.page("GET /videos/{id}", people.ReadVideos, f.video)                // video.go
	f.page("GET /videos/{id}/cancel", people.WriteVideos, f.askCancel)    // video_change.go
	f.page("POST /videos/{id}/cancel", people.WriteVideos, f.cancelVideo) // video_change.go
	f.page("GET /videos/{id}/retry", people.WriteVideos, f.askRetry)      // video_change.go
	f.page("POST /videos/{id}/retry", people.WriteVideos, f.retryVideo)   // video_change.go
	f.page("GET /me", people.SignedIn, f.me)                              // me.go
	f.page("POST /me", people.SignedIn, f.changeMe)                       // me.go
	f.page("POST /me/password", people.SignedIn, f.setPassword)           // logins.go
	f.page("POST /me/logins/end", people.SignedIn, f.endOthers)           // logins.go
	f.page("POST /me/logins/{id}/end", people.SignedIn, f.endLogin)       // logins.go
	f.page("POST /me/keys", people.SignedIn, f.createKey)                 // keys.go
	f.page("GET /me/keys/{id}/revoke", people.SignedIn, f.askRevoke)      // keys.go
	f.page("POST /me/keys/{id}/revoke", people.SignedIn, f.revokeKey)     // keys.go
	f.page("GET /people", people.Manage, f.people)                        // people.go
	f.page("GET /people/new", people.Manage, f.newPerson)                 // person.go
	f.page("POST /people/new", people.Manage, f.createPerson)             // person.go
	f.page("GET /people/{id}", people.Manage, f.person)                   // person.go
	f.page("POST /people/{id}", people.Manage, f.changePerson)            // person.go
	f.page("GET /people/{id}/active", people.Manage, f.askActive)         // person.go
	f.page("POST /people/{id}/active", people.Manage, f.changeActive)     // person.go
	f.mux.HandleFunc(AssetPattern, serveAsset)                            // assets.go
}

// handler answers a request with what to show. An error becomes a page by itself.
type handler func(r *http.Request) (answer, error)

// answer is a page, or where to go.
type answer struct {
	status int    // 0: 200
	page   string // its template, without the .html
	title  string // of its tab
	data   any    // what its template reads as .Data
	to     string // a path that the browser goes to instead
}

// page has a route answered for callers who have its scope.
func (f *Face) page(route string, scope people.Scope, show handler) {
	f.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		a, err := f.answer(r, scope, show)
		switch {
		case err != nil:
			f.refuse(w, r, err)
		case a.to != "":
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, a.to, http.StatusSeeOther)
		default:
			f.write(w, r, a)
		}
	})
}

func (f *Face) answer(r *http.Request, scope people.Scope, show handler) (answer, error) {
	if err := f.Caller(r.Context()).Refusal(scope); err != nil {
		return answer{}, err
	}
	if err := f.take(r, people.Read); err != nil {
		return answer{}, err
	}
	return show(r)
}
