package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/store"
)

type batchAnswer struct {
	Videos []batchItem
}

type batchItem struct {
	Index int
	ID    string
	State string
	Valid bool
	Error *itemError

	Existing bool
}

type itemError struct {
	Code, Message, Field string
	Fields               []fault.Field
}

func TestCreateBatch_of_a_thousand(t *testing.T) {
	t.Parallel()
	h := open(t)
	var body strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&body, `,{"title":"video %d","script":"Hello","avatar_id":"a"}`, i)
	}
	var answer batchAnswer
	h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch", `{"videos":[`+body.String()[1:]+`]}`).decode(t, &answer)
	equal(t, "items", len(answer.Videos), 1000)
	equal(t, "videos", h.videos(t), 1000)
	for i, item := range answer.Videos {
		if item.Index != i || item.State != "queued" {
			t.Fatalf("item %d is %+v", i, item)
		}
	}
	for _, i := range []int{0, 500, 999} { // the ids belong to the items
		v, err := h.store.Video(t.Context(), store.Everyone(), uuid.MustParse(answer.Videos[i].ID))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "title", v.Title, fmt.Sprintf("video %d", i))
	}
}

const mixed = `{"videos":[` + hello + `,{"script":"Hello","title":5},7,{"template_id":"t"},{"nonsense":true}]}`

func TestCreateBatch_all_or_nothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", mixed).problem(t)
	equal(t, "errors", got.Errors, []wrong{
		{"body.videos[1].title", 5.0, "is no string; give one in quotes"},
		{"body.videos[1].avatar_id", "", "is missing; script needs it"},
		{"body.videos[2]", 7.0, "is no object; give one in braces"},
		{"body.videos[4].nonsense", true, "is no field here; remove it or correct its name"},
		{"body.videos[4].script", "", "is empty, and there is no other source; give script, audio_url, template_id or heygen"},
	})
	equal(t, "videos", h.videos(t), 0)
}

func TestCreateBatch_partial(t *testing.T) {
	t.Parallel()
	h := open(t)
	first := h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch?partial=true", mixed, "Idempotency-Key", "k")
	var answer batchAnswer
	first.decode(t, &answer)
	for _, i := range []int{0, 3} {
		if _, err := uuid.Parse(answer.Videos[i].ID); err != nil {
			t.Errorf("item %d has no id: %v", i, err)
		}
		answer.Videos[i].ID = ""
	}
	equal(t, "items", answer.Videos, []batchItem{
		{Index: 0, State: "queued"},
		{Index: 1, Error: &itemError{"invalid", "title: is no string; give one in quotes; avatar_id: is missing; script needs it", "title", []fault.Field{
			{Name: "title", Value: 5.0, Message: "is no string; give one in quotes"}, {Name: "avatar_id", Value: "", Message: "is missing; script needs it"},
		}}},
		{Index: 2, Error: &itemError{"invalid", "is no object; give one in braces", "", []fault.Field{{Value: 7.0, Message: "is no object; give one in braces"}}}},
		{Index: 3, State: "queued"},
		{Index: 4, Error: &itemError{"invalid", "nonsense: is no field here; remove it or correct its name; " +
			"script: is empty, and there is no other source; give script, audio_url, template_id or heygen", "nonsense", []fault.Field{
			{Name: "nonsense", Value: true, Message: "is no field here; remove it or correct its name"},
			{Name: "script", Value: "", Message: "is empty, and there is no other source; give script, audio_url, template_id or heygen"},
		}}},
	})
	equal(t, "videos", h.videos(t), 2)

	again := h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch?partial=true", mixed, "Idempotency-Key", "k")
	equal(t, "the first answer again", again.body, first.body)
	equal(t, "videos", h.videos(t), 2)
}

func TestCreateBatch_partial_with_nothing_good(t *testing.T) {
	t.Parallel()
	h := open(t)
	var answer batchAnswer
	h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch?partial=true", `{"videos":[{}]}`, "Idempotency-Key", "k").decode(t, &answer)
	if len(answer.Videos) != 1 || answer.Videos[0].Error == nil {
		t.Errorf("the answer is %+v", answer)
	}
	equal(t, "videos", h.videos(t), 0)
}

func TestCreateBatch_again_under_its_key(t *testing.T) {
	t.Parallel()
	h := open(t)
	two := `{"videos":[` + hello + `,` + hello + `]}`
	first := h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch", two, "Idempotency-Key", "k")
	again := h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch", two, "Idempotency-Key", "k")
	equal(t, "body", again.body, first.body)
	equal(t, "videos", h.videos(t), 2)
	h.must(t, http.StatusConflict, "POST", "/v1/videos/batch", `{"videos":[`+hello+`]}`, "Idempotency-Key", "k")
	h.must(t, http.StatusConflict, "POST", "/v1/videos/batch?partial=true", two, "Idempotency-Key", "k")
}

func TestCreateBatch_dry_run(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusOK, "POST", "/v1/videos/batch?dry_run=true", `{"videos":[`+hello+`]}`)
	equal(t, "answer", got.body, `{"videos":[{"index":0,"valid":true}]}`+"\n")
	h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch?dry_run=true", mixed)

	var answer batchAnswer
	h.must(t, http.StatusOK, "POST", "/v1/videos/batch?dry_run=true&partial=true", mixed).decode(t, &answer)
	var valid []bool
	for _, item := range answer.Videos {
		valid = append(valid, item.Valid)
		if item.ID != "" || item.State != "" || item.Valid == (item.Error != nil) {
			t.Errorf("the item is %+v", item)
		}
	}
	equal(t, "valid", valid, []bool{true, false, false, true, false})
	equal(t, "videos", h.videos(t), 0)
}

// A line that was imported before is made once, whatever batch it comes in.
func TestCreateBatch_makes_a_keyed_video_once(t *testing.T) {
	t.Parallel()
	h := open(t)
	line := func(key, title string) string {
		return fmt.Sprintf(`{"idempotency_key":%q,"title":%q,"template_id":"t"}`, key, title)
	}
	post := func(body string) (answer batchAnswer) {
		t.Helper()
		h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch?partial=true", `{"videos":[`+body+`]}`).decode(t, &answer)
		return answer
	}
	first := post(line("1", "a") + `,` + line("2", "b"))
	again := post(line("3", "c") + `,{"nonsense":true},` + line("2", "b") + `,` + line("1", "a"))
	if again.Videos[2].ID != first.Videos[1].ID || again.Videos[3].ID != first.Videos[0].ID || !again.Videos[3].Existing ||
		again.Videos[0].Existing || again.Videos[3].State != "queued" {
		t.Errorf("first %+v, then %+v", first, again)
	}
	equal(t, "videos", h.videos(t), 3)
	got := h.must(t, http.StatusConflict, "POST", "/v1/videos/batch", `{"videos":[`+line("4", "d")+`,`+line("1", "other")+`]}`).problem(t)
	if !strings.Contains(got.Detail, "idempotency_key") {
		t.Errorf("the problem is %+v", got)
	}
	var single struct{ ID string }
	h.must(t, http.StatusAccepted, "POST", "/v1/videos", line("1", "a")).decode(t, &single)
	equal(t, "the same video alone", single.ID, first.Videos[0].ID)
	equal(t, "videos", h.videos(t), 3)
}

// However much is wrong with a batch, its answer stays readable.
func TestCreateBatch_tells_a_hundred_errors(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.must(t, http.StatusUnprocessableEntity, "POST", "/v1/videos/batch", `{"videos":[`+strings.Repeat(`{},`, 999)+`{}]}`).problem(t)
	if len(got.Errors) != 100 || !strings.Contains(got.Detail, "900 more") {
		t.Errorf("%d errors; %s", len(got.Errors), got.Detail)
	}
}
