package operate_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/operate"
	"heyq/store"
)

func TestRowsOf(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e")
	videos := `{"videos":[{"id":"` + id.String() + `","claim":3}]}`
	for _, c := range []struct {
		kind, payload string
		want          operate.Rows
		err           error
	}{
		{"video:create", videos, operate.Rows{Kind: store.VideoJob, IDs: []uuid.UUID{id}}, nil},
		{"video:poll", videos, operate.Rows{Kind: store.VideoJob, IDs: []uuid.UUID{id}}, nil},
		{"video:download", videos, operate.Rows{Kind: store.VideoJob, IDs: []uuid.UUID{id}}, nil},
		{"video:analyze", videos, operate.Rows{Kind: store.AnalysisJob, IDs: []uuid.UUID{id}}, nil},
		{"notify:deliver", `{"notifications":[{"id":"` + id.String() + `","claim":1}]}`, operate.Rows{Kind: store.NotificationJob, IDs: []uuid.UUID{id}}, nil},
		{"store:sweep", `{}`, operate.Rows{}, nil},
		{"video:download", `{"videos":[]}`, operate.Rows{}, jobs.ErrPayload},
		{"video:download", `nonsense`, operate.Rows{}, jobs.ErrPayload},
		{"notify:deliver", `{}`, operate.Rows{}, jobs.ErrPayload},
		{"video:typo", videos, operate.Rows{}, operate.ErrForeign},
		{"email:send", `{}`, operate.Rows{}, operate.ErrForeign},
	} {
		got, err := operate.RowsOf(c.kind, []byte(c.payload))
		if !errors.Is(err, c.err) {
			t.Errorf("%s %s: error %v, want %v", c.kind, c.payload, err, c.err)
		}
		if c.err != nil {
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" || (len(got.IDs) == 0) != (c.kind == "store:sweep") {
			t.Errorf("%s %s (-want +got):\n%s", c.kind, c.payload, diff)
		}
	}
}
