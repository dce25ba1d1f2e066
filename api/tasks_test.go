package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/testkit"
	"heyq/people"
	"heyq/store"
	"heyq/wire"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	caller := people.Owner()
	h := open(t, as(&caller))
	id := h.completed(t)
	target := "/v1/videos/" + id.String() + "/verify?background=true"
	answer := h.must(t, http.StatusAccepted, "POST", target, "")
	var started wire.StartedTask
	answer.decode(t, &started)
	equal(t, "status", started.Status, store.TaskStarted)
	equal(t, "Location", answer.header.Get("Location"), "/v1/tasks/"+started.TaskID)
	var task wire.Task
	testkit.Eventually(t, func() error {
		task = wire.Task{}
		h.must(t, http.StatusOK, "GET", "/v1/tasks/"+started.TaskID, "").decode(t, &task)
		if task.Status != store.TaskSucceeded {
			return errors.New("it is " + string(task.Status))
		}
		return nil
	})
	equal(t, "result", string(task.Result), strings.TrimSpace(h.must(t, http.StatusOK, "POST", "/v1/videos/"+id.String()+"/verify", "").body))
	equal(t, "who, what, on what", []string{task.StartedBy, task.Kind, task.About}, []string{"operator", "verify-video", id.String()})
	var list wire.TaskList
	h.must(t, http.StatusOK, "GET", "/v1/tasks", "").decode(t, &list)
	equal(t, "listed", len(list.Tasks), 1)

	// What cannot begin is refused at once, and is no task.
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/"+h.create(t).String()+"/verify?background=true", "")
	h.must(t, http.StatusNotFound, "POST", "/v1/videos/"+uuid.NewString()+"/verify?background=true", "")
	h.must(t, http.StatusOK, "GET", "/v1/tasks", "").decode(t, &list)
	equal(t, "listed after that", len(list.Tasks), 1)

	caller = people.Caller{User: "ada", Name: "ada", Role: store.RoleMember}
	theirs, none := h.must(t, http.StatusNotFound, "GET", "/v1/tasks/"+started.TaskID, ""), uuid.NewString()
	equal(t, "another's", tidy(theirs.body, started.TaskID), tidy(h.must(t, http.StatusNotFound, "GET", "/v1/tasks/"+none, "").body, none))
	h.must(t, http.StatusNotFound, "GET", "/v1/tasks/x", "")
	h.must(t, http.StatusNotFound, "POST", target, "")
	h.must(t, http.StatusOK, "GET", "/v1/tasks", "").decode(t, &list)
	equal(t, "listed to another", len(list.Tasks), 0)
}
