package jobs_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
)

// shelf is a store that takes whatever it is given, or fails.
type shelf struct {
	store.Store
	created []store.NewVideo
	err     error
}

func (s *shelf) CreateVideos(_ context.Context, c store.Creation) (store.Created, error) {
	if s.err != nil {
		return store.Created{}, s.err
	}
	s.created = append(s.created, c.Videos...)
	created := store.Created{}
	for _, v := range c.Videos {
		created.Videos = append(created.Videos, store.Video{ID: v.ID, State: store.Queued})
	}
	return created, nil
}

func (s *shelf) Cancel(_ context.Context, _ store.Viewer, id uuid.UUID) (store.Video, store.State, error) {
	return store.Video{ID: id}, store.Rendering, s.err
}

func (s *shelf) Retry(_ context.Context, _ store.Viewer, id uuid.UUID, r store.Retry) (store.Video, error) {
	return store.Video{ID: id, Resumable: r.NewRender}, s.err
}

func (s *shelf) Redeliver(context.Context, store.Viewer, store.Redelivery) (int, error) {
	return 1, s.err
}

func (s *shelf) Notification(_ context.Context, _ store.Viewer, id uuid.UUID) (store.Notification, error) {
	return store.Notification{ID: id}, s.err
}

func TestClient_wakes_the_dispatcher_after_what_was_committed(t *testing.T) {
	t.Parallel()
	failure := errors.New("not committed")
	for name, call := range map[string]func(*jobs.Client) error{
		"create": func(c *jobs.Client) error { _, err := c.CreateVideo(t.Context(), valid("script")); return err },
		"create many": func(c *jobs.Client) error {
			_, err := c.CreateVideos(t.Context(), []jobs.NewVideo{valid("script"), valid("heygen")})
			return err
		},
		"cancel":    func(c *jobs.Client) error { _, _, err := c.Cancel(t.Context(), store.Everyone(), ada); return err },
		"redeliver": func(c *jobs.Client) error { _, err := c.Redeliver(t.Context(), store.Everyone(), ada); return err },
		"redeliver many": func(c *jobs.Client) error {
			_, err := c.RedeliverAll(t.Context(), store.Everyone(), store.Redelivery{Failed: true})
			return err
		},
		"retry": func(c *jobs.Client) error {
			_, err := c.Retry(t.Context(), store.Everyone(), ada, store.Retry{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			woken := 0
			s := &shelf{err: failure}
			client := jobs.NewClient(s, jobs.WithWake(func() { woken++ }))
			if err := call(client); !errors.Is(err, failure) || woken != 0 {
				t.Errorf("got %v, woken %d times; nothing was committed", err, woken)
			}
			s.err = nil
			if err := call(client); err != nil || woken != 1 {
				t.Errorf("got %v, woken %d times", err, woken)
			}
		})
	}
}

func TestCreateVideos_takes_all_or_nothing(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	wrong := valid("script")
	wrong.Script, wrong.Priority = text(5001, "x"), 11
	_, err := jobs.NewClient(s).CreateVideos(t.Context(), []jobs.NewVideo{valid("script"), wrong, {}})
	var names []string
	for _, f := range wrongFields(t, err) {
		names = append(names, f.Name)
	}
	if want := []string{"videos[1].priority", "videos[1].script", "videos[2].script"}; !slices.Equal(names, want) {
		t.Errorf("wrong fields are %v, want %v", names, want)
	}
	if len(s.created) != 0 {
		t.Errorf("%d videos were created", len(s.created))
	}
}

func TestCreateVideos_bounds_a_batch(t *testing.T) {
	t.Parallel()
	list := make([]jobs.NewVideo, jobs.MaxBatch+1)
	for i := range list {
		list[i] = valid("script")
	}
	s := &shelf{}
	if _, err := jobs.NewClient(s).CreateVideos(t.Context(), list); fault.CodeOf(err) != fault.TooLarge || len(s.created) != 0 {
		t.Errorf("got %v, %d created", err, len(s.created))
	}
	created, err := jobs.NewClient(s).CreateVideos(t.Context(), list[1:])
	if err != nil || len(created) != jobs.MaxBatch {
		t.Errorf("%d of %d were created, %v", len(created), jobs.MaxBatch, err)
	}
}
