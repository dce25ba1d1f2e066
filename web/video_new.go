package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"heyq/internal/estimate"
	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

// newVideoPage is what video_new.html reads.
type newVideoPage struct {
	form
	Key       string // makes one video of however many times the form is sent
	Most      int    // characters of a script
	Second    string // seconds that one character takes to speak
	Price     string // US dollars a second; empty: nothing is paid
	Estimate  string // of what was typed
	Urgencies []string
	Formats   []string
	Shapes    []string
}

// keyPrefix begins the idempotency keys of forms.
const keyPrefix = "form-"

// newVideo shows an empty form.
func (f *Face) newVideo(r *http.Request) (answer, error) {
	if _, err := query(r); err != nil {
		return answer{}, err
	}
	return f.videoForm(r, form{Values: url.Values{}}, keyPrefix+rand.Text(), 0)
}

func (f *Face) videoForm(r *http.Request, typed form, key string, status int) (answer, error) {
	page := newVideoPage{
		form: typed, Key: key, Most: jobs.MaxScript,
		Second:  fmt.Sprint(estimate.Length(1).Seconds()),
		Formats: []string{"1080p", "720p", "4k"}, Shapes: []string{"16:9", "9:16", "1:1", "4:5", "5:4"},
	}
	for i, word := range wire.PriorityWords {
		if int([]wire.Priority{wire.Low, wire.Normal, wire.High}[i]) <= f.Caller(r.Context()).TopPriority() {
			page.Urgencies = append(page.Urgencies, word)
		}
	}
	if !f.Simulated {
		page.Price = fmt.Sprint(f.Price)
	}
	n := utf8.RuneCountInString(typed.Value("script"))
	page.Estimate = fmt.Sprintf("%d of %d characters, about %s", n, jobs.MaxScript, clock(estimate.Length(n)))
	if page.Price != "" {
		page.Estimate += fmt.Sprintf(", about $%.2f", estimate.Price(n, f.Price))
	}
	return answer{status: status, page: "video_new", title: "New video", data: page}, nil
}

// createVideo makes the video of a form, once: the form's key makes none a second time.
// What is wrong is shown beside the fields, and nothing that was typed is lost.
func (f *Face) createVideo(r *http.Request) (answer, error) {
	sent, err := read(r)
	if err != nil {
		return answer{}, err
	}
	typed := form{Values: sent}
	key := sent.Get("key")
	if !strings.HasPrefix(key, keyPrefix) {
		key = keyPrefix + rand.Text()
	}
	id, err := f.create(r, sent, key)
	if err == nil {
		return answer{to: "/videos/" + id}, nil
	}
	if over, ok := errors.AsType[tooOften](err); ok {
		typed.Fault = over.Error()
		return f.videoForm(r, typed, key, http.StatusTooManyRequests)
	}
	status, ok := typed.refused(err, "Nothing was created yet: some of it is not right.")
	switch {
	case !ok:
		return answer{}, err
	case status == http.StatusConflict: // it was sent before, and changed since
		typed.Fault, typed.Wrong, key = "This form has made a video before you changed it. Send it again to make another one.", nil, keyPrefix+rand.Text()
	case status == http.StatusServiceUnavailable:
		typed.Fault = "heyq could not take it now. Send it again: however often you do, it makes one video."
	}
	return f.videoForm(r, typed, key, status)
}

func (f *Face) create(r *http.Request, sent url.Values, key string) (id string, err error) {
	c := f.Caller(r.Context())
	v := jobs.NewVideo{
		Title: sent.Get("title"), UserID: c.User, IdempotencyKey: key,
		Render: jobs.Render{
			Script:   strings.ReplaceAll(sent.Get("script"), "\r\n", "\n"), // as forms send it
			AvatarID: strings.TrimSpace(sent.Get("avatar_id")), VoiceID: strings.TrimSpace(sent.Get("voice_id")),
			Resolution: sent.Get("resolution"), AspectRatio: sent.Get("aspect_ratio"), Caption: sent.Get("caption") != "",
		},
	}
	urgency, known := wire.ParsePriority(sent.Get("priority"))
	v.Priority = urgency
	prepared, err := f.Client.Prepare(v)
	if sent.Get("priority") != "" && !known || int(urgency) > c.TopPriority() {
		return "", fault.New(fault.Invalid, "the video is not valid").
			WithField("priority", sent.Get("priority"), "is above what you may ask for; choose another")
	}
	if err != nil {
		return "", err
	}
	if err := f.take(r, people.CreateVideo); err != nil {
		return "", err
	}
	created, err := f.Client.Create(r.Context(), store.Creation{Videos: []store.NewVideo{prepared}})
	if err != nil {
		return "", err
	}
	return created.Videos[0].ID.String(), nil
}
