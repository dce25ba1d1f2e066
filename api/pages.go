package api

import (
	"net/http"
	"strings"
)

// Pages are what people see with a browser.
type Pages interface {
	http.Handler
	// Route names the page that a request is for; empty: it is for none.
	Route(r *http.Request) string
}

// home leads browsers to the pages, if there are any, and others to the documentation.
func home(pages Pages) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		to := "/docs/"
		if pages != nil && strings.Contains(r.Header.Get("Accept"), "text/html") {
			to = "/videos"
		}
		w.Header().Set("Vary", "Accept")
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}
