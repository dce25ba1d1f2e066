package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"heyq/people"
)

// policy lets a page load from this server and nowhere else, with no script and no style
// inside of it, and be in no other page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed *.html
var templateFiles embed.FS

// pages are the templates, each in the layout.
var pages = readPages()

func readPages() map[string]*template.Template {
	base := template.Must(template.New("layout.html").Funcs(funcs).ParseFS(templateFiles, "layout.html", "parts.html"))
	list := map[string]*template.Template{}
	files, err := templateFiles.ReadDir(".")
	if err != nil {
		panic("web: " + err.Error()) // they are in the program
	}
	for _, file := range files {
		if name := file.Name(); name != "layout.html" && name != "parts.html" {
			list[strings.TrimSuffix(name, ".html")] = template.Must(template.Must(base.Clone()).ParseFS(templateFiles, name))
		}
	}
	return list
}

// layout is what layout.html reads.
type layout struct {
	Title   string
	Page    string // the template's name
	Section string // the link of the navigation that leads here
	Caller  people.Caller
	Zone    *time.Location
	Now     time.Time
	Data    any
}

// May reports whether the caller has a scope, for links that are of no use to others.
func (l layout) May(s string) bool { return l.Caller.May(people.Scope(s)) }

// Known reports whether there is a caller. The pages of errors are shown to others too.
func (l layout) Known() bool { return l.Caller.Role != "" }

// write shows a page. It is written whole or not at all.
func (f *Face) write(w http.ResponseWriter, r *http.Request, a answer) {
	c := f.Caller(r.Context())
	section, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	var out bytes.Buffer
	err := pages[a.page].Execute(&out, layout{
		Title: a.title, Page: a.page, Section: section, Caller: c, Zone: time.UTC, Now: f.Now(), Data: a.data,
	})
	if err != nil {
		panic("web: the page " + a.page + " does not fit its template: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would hide a form's origin from heyq as well
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(out.Bytes()) // the client may be gone
}
