package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"heyq/internal/estimate"
	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/people"
	"heyq/store"
)

// videoPage is what video.html reads.
type videoPage struct {
	row
	Render   jobs.Render
	File     *file // nil: there is none to play
	Spans    []span
	Total    string // how long all of it took
	Facts    []fact
	Sentence string // what happens to it now, or happened
	Failed   string // in what
	Advice   string // what to do about its failure
	Retry    bool   // the caller may try it again now
	Cancel   bool   // the caller may cancel it now
}

// file is the film.
type file struct {
	store.File
	Path     string
	Captions string // path; empty: there are none
}

// span is a part of the bar of where the time went.
type span struct {
	State    store.State
	Words    string
	For      string
	X, Width int // of 1000
}

type fact struct{ Name, Value string }

// video shows one video.
func (f *Face) video(r *http.Request) (answer, error) {
	if _, err := query(r); err != nil {
		return answer{}, err
	}
	v, err := f.find(r)
	if err != nil {
		return answer{}, err
	}
	c := f.Caller(r.Context())
	page := videoPage{row: f.rows(r.Context(), []store.Video{v}, c.Sees(""))[0]}
	if page.Render, err = jobs.ReadRender(v.Request); err != nil {
		return answer{}, err
	}
	page.File = playable(v)
	page.Spans, page.Total = spans(v, f.Now())
	page.Facts = facts(page)
	page.Sentence = sentence(v)
	if v.State == store.Failed && v.Failure != nil {
		page.Failed, page.Advice = failedIn[v.Failure.Step], advice(v, c.May(people.Operate))
	}
	may := c.May(people.WriteVideos) && c.Viewer().Owns(v.UserID)
	page.Retry = may && (v.State == store.Failed || v.State == store.Cancelled) && !v.InReview()
	page.Cancel = may && !v.State.Final()
	return answer{page: "video", title: page.Name(), data: page}, nil
}

// find returns the video of a path, if the caller sees it.
func (f *Face) find(r *http.Request) (store.Video, error) {
	id, err := idOf(r, "video", fault.ListVideos)
	if err != nil {
		return store.Video{}, err
	}
	return f.Store.Video(r.Context(), f.Caller(r.Context()).Viewer(), id)
}

// findOwn is find for a change: a video that is only shown to the caller is refused.
func (f *Face) findOwn(r *http.Request) (store.Video, error) {
	v, err := f.find(r)
	if err == nil && !f.Caller(r.Context()).Viewer().Owns(v.UserID) {
		err = store.ErrReadOnly(v.ID)
	}
	return v, err
}

// playable is the film of a video, if there is one.
func playable(v store.Video) *file {
	if v.File == nil || !v.FilesRemovedAt.IsZero() || v.State != store.Completed && !v.InReview() {
		return nil
	}
	film := &file{File: *v.File, Path: fmt.Sprintf("/v1/videos/%s/file", v.ID)}
	if v.File.Captions {
		film.Captions = fmt.Sprintf("/v1/videos/%s/captions", v.ID)
	}
	return film
}

// spans is the bar of where a video's time went.
func spans(v store.Video, now time.Time) (list []span, total string) {
	if len(v.Timeline) == 0 {
		return nil, ""
	}
	words := map[store.State]string{
		store.Queued: "In the queue", store.Submitting: "Submitting", store.Rendering: "Rendering", store.Downloading: "Downloading",
	}
	var lengths []time.Duration
	for i, e := range v.Timeline {
		end := now
		if i+1 < len(v.Timeline) {
			end = v.Timeline[i+1].At
		}
		if e.State.Final() {
			continue
		}
		lengths = append(lengths, max(end.Sub(e.At), 0))
		list = append(list, span{State: e.State, Words: words[e.State]})
	}
	var all time.Duration
	for _, d := range lengths {
		all += d
	}
	const least = 6 // so that each is seen
	room, x := 1000-least*len(list), 0
	for i, d := range lengths {
		list[i].For, list[i].X, list[i].Width = lasts(d), x, least
		if all > 0 {
			list[i].Width += int(float64(max(room, 0)) * (float64(d) / float64(all)))
		}
		x += list[i].Width
	}
	return list, lasts(all)
}

// sentence says what happens to a video, or what happened.
func sentence(v store.Video) string {
	switch v.State {
	case store.Queued:
		if v.NotBefore.After(v.CreatedAt) {
			return "It waits for its time, and then for a render slot. Nothing is paid yet."
		}
		return "It waits for a render slot. Nothing is paid for this render yet."
	case store.Submitting:
		return "It is being sent to HeyGen."
	case store.Rendering:
		return "HeyGen renders it. You can leave this page: it goes on by itself."
	case store.Downloading:
		return "HeyGen has rendered it, and the file is fetched and checked."
	case store.Cancelled:
		if v.MayBeBilled {
			return "It was cancelled. HeyGen knows no cancel, so it may still bill what it had begun."
		}
		return "It was cancelled before anything was sent. Nothing is billed."
	}
	if !v.FilesRemovedAt.IsZero() {
		return "Its files were removed, being older than this heyq keeps them. Create a new video to render it once more."
	}
	return ""
}

// failedIn says in which step a video failed.
var failedIn = map[store.Step]string{
	store.Create: "HeyGen did not make it", store.Poll: "The render failed", store.Download: "The file could not be fetched",
}

// advice says what can be done about a failure.
func advice(v store.Video, operates bool) string {
	switch {
	case v.InReview() && operates:
		return "Whether HeyGen took it is not known, and a person has to decide: look for it at HeyGen, and then type heyq videos resolve " + v.ID.String() + "."
	case v.InReview():
		return "Whether HeyGen took it is not known. An operator of this heyq has to look at HeyGen and decide; until then nothing more is paid."
	case v.Resumable:
		return "HeyGen has a render of it: try it again, which resumes that one and pays nothing."
	case v.MayBeBilled:
		return "If what it says can be mended at HeyGen, mend it and try it again. That is a new render, and it is paid again."
	}
	return "Nothing was billed. If the request is wrong make a new video; else try this one again."
}

// facts lists what else is known of a video.
func facts(p videoPage) (list []fact) {
	v := p.Video
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("Owner", p.Owner)
	add("Avatar", p.Render.AvatarID)
	add("Voice", p.Render.VoiceID)
	add("Template", p.Render.TemplateID)
	add("Recording", p.Render.AudioURL)
	add("Resolution", p.Render.Resolution)
	add("Aspect ratio", p.Render.AspectRatio)
	if v.Priority != 0 {
		add("Priority", fmt.Sprint(v.Priority))
	}
	if v.Submission > 1 {
		add("Render", fmt.Sprintf("the %d. that was submitted", v.Submission))
	}
	add("Description", v.Description)
	for _, key := range slices.Sorted(maps.Keys(v.Metadata)) {
		add(key, v.Metadata[key])
	}
	add("Tells", v.NotifyURL)
	add("Not clear yet", v.LastAnswer)
	add("HeyGen’s id", v.HeyGenID)
	add("Id", v.ID.String())
	return list
}

// cost is about what a render of a video costs, in words.
func (f *Face) cost(v store.Video, render jobs.Render) string {
	if f.Simulated {
		return "nothing: this heyq renders with a simulator"
	}
	switch {
	case v.File != nil && v.File.Billed() > 0:
		return fmt.Sprintf("about $%.2f", v.File.Billed().Seconds()*f.Price)
	case render.Script != "":
		return fmt.Sprintf("about $%.2f", estimate.Price(len([]rune(render.Script)), f.Price))
	}
	return fmt.Sprintf("$%g for each second of video", f.Price)
}
