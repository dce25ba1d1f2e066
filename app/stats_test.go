package app

import (
	"testing"

	"heyq/internal/stats"
)

func TestStats_that_are_off_are_not_there(t *testing.T) {
	t.Parallel()
	a := &App{}
	if a.observer(stats.FileOperation) != nil || a.observer(stats.Database) != nil || a.recordHeyGen() != nil || a.counted("download", stats.Overloaded) != nil || a.statistics() != nil {
		t.Error("there are hooks")
	}
}
