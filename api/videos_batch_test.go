package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

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
}

type itemError struct{ Code, Message, Field string }

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
		v, err := h.store.Video(t.Context(), uuid.MustParse(answer.Videos[i].ID))
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
		{Index: 1, Error: &itemError{"invalid", "title: is no string; give one in quotes; avatar_id: is missing; script needs it", "title"}},
		{Index: 2, Error: &itemError{"invalid", "is no object; give one in braces", ""}},
		{Index: 3, State: "queued"},
		{Index: 4, Error: &itemError{"invalid", "nonsense: is no field here; remove it or correct its name; " +
			"script: is empty, and there is no other source; give script, audio_url, template_id or heygen", "nonsense"}},
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

// The store may give the rows back in any order.
type backwards struct{ store.Store }

func (b backwards) CreateVideos(_ context.Context, c store.Creation) (store.Created, error) {
	var created store.Created
	for i := range c.Videos {
		v := c.Videos[len(c.Videos)-1-i]
		created.Videos = append(created.Videos, store.Video{ID: v.ID, Title: v.Title, State: store.State("state of " + v.Title)})
	}
	return created, nil
}

func TestCreateBatch_rows_in_any_order(t *testing.T) {
	t.Parallel()
	h := &house{Handler: newOn(backwards{})}
	var answer batchAnswer
	h.must(t, http.StatusAccepted, "POST", "/v1/videos/batch",
		`{"videos":[{"title":"a","template_id":"t"},{"title":"b","template_id":"t"}]}`).decode(t, &answer)
	equal(t, "states", []string{answer.Videos[0].State, answer.Videos[1].State}, []string{"state of a", "state of b"})
}
