package api_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"heyq/api"
	"heyq/internal/fault"
	"heyq/internal/heygenhook"
)

// fakeEndpoints is what HeyGen has registered.
type fakeEndpoints struct{ list []heygenhook.Endpoint }

func (f *fakeEndpoints) List(context.Context) ([]heygenhook.Endpoint, error) { return f.list, nil }

func (f *fakeEndpoints) Register(_ context.Context, url string) (heygenhook.Endpoint, error) {
	switch url {
	case "":
		url = "https://heyq.example/webhooks/heygen"
	case "https://away.example":
		return heygenhook.Endpoint{}, fault.New(fault.Unavailable, "HeyGen could not be asked")
	}
	e := heygenhook.Endpoint{ID: url[len("https://"):][:4], URL: url, Enabled: true, Known: true}
	f.list = append(f.list, e)
	return e, nil
}

func (f *fakeEndpoints) Delete(_ context.Context, id string) error {
	n := len(f.list)
	f.list = slices.DeleteFunc(f.list, func(e heygenhook.Endpoint) bool { return e.ID == id })
	if len(f.list) == n {
		return fault.New(fault.NotFound, "HeyGen has no such webhook endpoint")
	}
	return nil
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	const path = "/v1/webhooks/heygen"
	h := &house{Handler: api.New(api.Options{Endpoints: &fakeEndpoints{}})}
	equal(t, "none", h.must(t, http.StatusOK, "GET", path, "").body, `{"webhooks":[]}`+"\n")

	const own = `{"id":"heyq","url":"https://heyq.example/webhooks/heygen","events":[],"enabled":true,"known":true}`
	equal(t, "its own", h.must(t, http.StatusOK, "POST", path, "").body, own+"\n")
	h.must(t, http.StatusOK, "POST", path, `{"url":"https://mine.example"}`)
	equal(t, "both", h.must(t, http.StatusOK, "GET", path, "").body,
		`{"webhooks":[`+own+`,{"id":"mine","url":"https://mine.example","events":[],"enabled":true,"known":true}]}`+"\n")

	h.must(t, http.StatusNoContent, "DELETE", path+"/mine", "")
	h.must(t, http.StatusNotFound, "DELETE", path+"/mine", "").problem(t)
	h.must(t, http.StatusServiceUnavailable, "POST", path, `{"url":"https://away.example"}`).problem(t)
	h.must(t, http.StatusBadRequest, "POST", path, `{`).problem(t)
	wrong := h.must(t, http.StatusUnprocessableEntity, "POST", path, `{"url":7,"events":[]}`).problem(t)
	equal(t, "wrong fields", wrong.locations(), []string{"body.events", "body.url"})
}
