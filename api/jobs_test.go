package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"

	"heyq/operate"
	"heyq/people"
	"heyq/store"
)

// staffed has a board on which a character of script costs a cent.
func staffed(o *api.Options) {
	s, _ := o.Store.(store.Store)
	o.Jobs = operate.NewJobs(operate.JobsOptions{Store: s, PricePerSecond: 0.15})
}

// failed makes a video whose create was refused, or whose render broke.
func (h *house) failed(t *testing.T, dead bool) uuid.UUID {
	t.Helper()
	id := h.create(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	claims, err := h.store.Admit(t.Context(), 100)
	must(err)
	runs, err := h.store.Begin(t.Context(), store.Create, claims)
	must(err)
	if !dead {
		_, err = h.store.End(t.Context(), []store.End{store.Refused(runs[0], store.Failure{Code: "voice_not_found", Message: "no such voice", Step: store.Create}, 0, nil)})
		must(err)
		return id
	}
	_, err = h.store.End(t.Context(), []store.End{store.Accepted(runs[0], "hg-"+id.String(), 0)})
	must(err)
	claims, err = h.store.Claim(t.Context(), store.Poll, 10)
	must(err)
	runs, err = h.store.Begin(t.Context(), store.Poll, claims)
	must(err)
	_, err = h.store.End(t.Context(), []store.End{store.RenderFailed(runs[0], store.Failure{Code: "render_failed", Message: "it broke", Step: store.Poll})})
	must(err)
	return id
}

type jobGroup struct {
	Queue, Kind, Error, Skipped string
	GoesOn                      string `json:"goes_on"`
	Jobs                        int
}

type jobAnswer struct {
	ID, Kind, Queue, State, Title string
	GoesOn                        *string `json:"goes_on"`
	Failure                       *struct{ Code, Message string }
	VideoID                       *uuid.UUID `json:"video_id"`
	At                            *time.Time
	Video                         *struct{ State string }
	Actions                       []struct {
		Who, Action, Outcome string
		RequestID            string `json:"request_id"`
	}
	WouldPay bill `json:"would_pay"`
}

type bill struct {
	Renders, Unpriced int
	USD               float64
}

type changedJobs struct {
	DryRun        bool `json:"dry_run"`
	Done, Skipped int
	Groups        []jobGroup
	Jobs          []struct{ ID, Note, Skipped string }
	Next          *string
	FirstRenders  bill `json:"first_renders"`
	Rerenders     bill
}

func TestJobs_listed_and_shown(t *testing.T) {
	t.Parallel()
	h := open(t, staffed)
	refused, dead := h.failed(t, false), h.failed(t, true)
	h.create(t)

	var page struct {
		Jobs    []jobAnswer
		Total   *int
		Groups  []jobGroup
		Next    *string
		Missing string
	}
	h.must(t, http.StatusOK, "GET", "/v1/jobs?limit=1", "").decode(t, &page)
	if len(page.Jobs) != 1 || page.Jobs[0].ID != dead.String() || *page.Total != 2 || len(page.Groups) != 2 || page.Next == nil || page.Missing != "" {
		t.Fatalf("got %+v", page)
	}
	next := *page.Next
	h.must(t, http.StatusOK, "GET", "/v1/jobs?limit=1&after="+next, "").decode(t, &page)
	if len(page.Jobs) != 1 || page.Jobs[0].ID != refused.String() || page.Total != nil || len(page.Groups) != 0 {
		t.Errorf("the next page: %+v", page)
	}
	since := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for query, want := range map[string]int{
		"error=voice_not_found": 1, "queue=poll": 1, "kind=video:create&user=default": 1, "user=ada": 0, "since=" + since: 0, "before=" + since: 2,
		"state=waiting": 1, "state=running": 0,
	} {
		h.must(t, http.StatusOK, "GET", "/v1/jobs?"+query, "").decode(t, &page)
		equal(t, query, len(page.Jobs), want)
	}

	var shown jobAnswer
	h.must(t, http.StatusOK, "GET", "/v1/jobs/"+dead.String(), "").decode(t, &shown)
	if shown.Kind != "video:poll" || shown.Queue != "poll" || shown.State != "failed" || *shown.GoesOn != "new_render" || shown.At == nil ||
		shown.Failure.Code != "render_failed" || *shown.VideoID != dead || shown.Video.State != "failed" || shown.WouldPay != (bill{1, 0, 0.1}) {
		t.Errorf("shown as %+v", shown)
	}
}

func TestJobs_requeued(t *testing.T) {
	t.Parallel()
	h := open(t, staffed)
	refused, dead := h.failed(t, false), h.failed(t, true)
	ask := func(body string, headers ...string) (c changedJobs) {
		t.Helper()
		h.must(t, http.StatusOK, "POST", "/v1/jobs/requeue", body, headers...).decode(t, &c)
		return c
	}
	got := ask(`{"state":"failed","dry_run":true}`)
	if !got.DryRun || got.Done != 1 || got.Skipped != 1 || len(got.Jobs) != 0 || got.FirstRenders != (bill{1, 0, 0.1}) || got.Rerenders != (bill{}) {
		t.Errorf("a rehearsal: %+v", got)
	}
	got = ask(`{"state":"failed"}`, "X-Request-Id", "r-7")
	if got.DryRun || got.Done != 1 || len(got.Jobs) != 2 || got.Jobs[0].Skipped == "" || got.Next != nil {
		t.Errorf("got %+v", got)
	}
	var shown jobAnswer
	h.must(t, http.StatusOK, "GET", "/v1/jobs/"+refused.String(), "").decode(t, &shown)
	if shown.State != "waiting" || len(shown.Actions) != 1 || shown.Actions[0].Who != "operator" || shown.Actions[0].RequestID != "r-7" ||
		shown.Actions[0].Outcome != "queued as submission 2" {
		t.Errorf("then it is %+v", shown)
	}

	rerender := `{"ids":["` + dead.String() + `"],"rerender":true`
	p := h.must(t, http.StatusConflict, "POST", "/v1/jobs/requeue", rerender+`,"most_renders":1,"most_usd":0.05}`).problem(t)
	if !strings.Contains(p.Detail, "1 video would be rendered") && !strings.Contains(p.Detail, "for about $0.10") {
		t.Errorf("the refusal says %q", p.Detail)
	}
	got = ask(rerender + `,"most_renders":1,"most_usd":0.1}`)
	if got.Done != 1 || got.Rerenders != (bill{1, 0, 0.1}) {
		t.Errorf("got %+v", got)
	}
}

func TestJobs_cancelled_and_deleted(t *testing.T) {
	t.Parallel()
	h := open(t, staffed)
	refused, open := h.failed(t, false), h.create(t)
	var got changedJobs
	h.must(t, http.StatusOK, "POST", "/v1/jobs/cancel", `{"state":"open","queue":"create"}`).decode(t, &got)
	if got.Done != 1 || got.Jobs[0].ID != open.String() || got.Jobs[0].Note != "cancelled; it was queued" {
		t.Errorf("cancelled: %+v", got)
	}
	h.must(t, http.StatusOK, "POST", "/v1/jobs/delete", `{"ids":["`+refused.String()+`","`+open.String()+`"]}`).decode(t, &got)
	if got.Done != 2 || h.videos(t) != 0 {
		t.Errorf("deleted: %+v", got)
	}
}

// The guard that lets a request in says who sends it.
func TestJobs_by_whom(t *testing.T) {
	t.Parallel()
	h := open(t, staffed, func(o *api.Options) {
		o.Caller = func(context.Context) people.Caller {
			return people.Caller{User: "ada", Name: "operator ada", Role: store.RoleOperator}
		}
	})
	id := h.create(t).String()
	h.must(t, http.StatusOK, "POST", "/v1/jobs/cancel", `{"ids":["`+id+`"]}`)
	var shown jobAnswer
	h.must(t, http.StatusOK, "GET", "/v1/jobs/"+id, "").decode(t, &shown)
	if len(shown.Actions) != 1 || shown.Actions[0].Who != "operator ada" || shown.Actions[0].Action != "cancel" {
		t.Errorf("written down: %+v", shown.Actions)
	}
}

func TestJobs_refused(t *testing.T) {
	t.Parallel()
	h := open(t, staffed)
	for _, c := range []struct {
		method, target, body string
		status               int
		where, says          string
	}{
		{"GET", "/v1/jobs?state=faild", "", 422, "query.state", "did you mean failed?"},
		{"GET", "/v1/jobs?queue=donwload", "", 422, "query.queue", "did you mean download?"},
		{"GET", "/v1/jobs?kind=vido:poll", "", 422, "query.kind", "did you mean video:poll?"},
		{"GET", "/v1/jobs?after=x", "", 422, "query.after", "leave it out"},
		{"GET", "/v1/jobs?since=2h", "", 422, "query.since", ""},
		{"GET", "/v1/jobs?limit=1001", "", 422, "query.limit", ""},
		{"GET", "/v1/jobs/x", "", 404, "", `"x" is no job's id`},
		{"GET", "/v1/jobs/" + uuid.NewString(), "", 404, "", "there is no job"},
		{"GET", "/v1/jobs/task:songs:a%2Fb%232", "", 404, "", "there is no job task:songs:a/b#2"},
		{"POST", "/v1/jobs/requeue", `{}`, 422, "body.state", "failed means all of them"},
		{"POST", "/v1/jobs/requeue", `{"queu":"poll"}`, 422, "body.queu", "is no field here"},
		{"POST", "/v1/jobs/requeue", `{"queue":"pol"}`, 422, "body.queue", "did you mean poll?"},
		{"POST", "/v1/jobs/requeue", `{"ids":["x"]}`, 422, "body.ids", "is no job's id"},
		{"POST", "/v1/jobs/requeue", `{"state":"failed","limit":0.5}`, 422, "body.limit", "whole number"},
		{"POST", "/v1/jobs/requeue", `{"state":"failed","limit":-1}`, 422, "body.limit", ""},
		{"POST", "/v1/jobs/requeue", `{"state":"failed","since":"yesterday"}`, 422, "body.since", "RFC 3339"},
		{"POST", "/v1/jobs/requeue", `{"state":"failed","after":"x"}`, 422, "body.after", "leave it out"},
		{"POST", "/v1/jobs/requeue", `{`, 400, "", "no JSON"},
		{"POST", "/v1/jobs/cancel", `{"state":"failed"}`, 422, "body.state", "There are open, waiting, running"},
		{"POST", "/v1/jobs/delete", ``, 400, "", "the body is empty"},
	} {
		p := h.must(t, c.status, c.method, c.target, c.body).problem(t)
		text := p.Detail
		for _, e := range p.Errors {
			text += " " + e.Location + ": " + e.Message
		}
		if !strings.Contains(text, c.where) || !strings.Contains(text, c.says) {
			t.Errorf("%s %s %s: says %q, want %q and %q", c.method, c.target, c.body, text, c.where, c.says)
		}
	}
}
