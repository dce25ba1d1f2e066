// Package web is what people see of heyq with a browser: pages that the server writes,
// one stylesheet, and a few small scripts that keep a page as things are.
//
// A page is one file beside its template: videos.go reads the request, asks the services
// that the API asks, and fills videos.html. routes.go lists all pages, each with the scope
// that it wants. An error of a page becomes a page in the same face, in the API's words.
// Each page works without scripts: those only spare its reader a reload.
//
//	request ─► routes.go: may the caller? ─► videos.go ─► videos.html in layout.html
//	                                          error ────► problem.go ─► problem.html
//
// The package knows no HeyGen and no queues, and writes nothing by itself: what changes a
// video goes through jobs.Client, what changes people through package people.
package web
