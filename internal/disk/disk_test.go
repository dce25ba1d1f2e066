package disk

import (
	"errors"
	"testing"
)

func TestAt(t *testing.T) {
	t.Parallel()
	room, err := At(t.TempDir())
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	if err != nil || room.Size == 0 || room.Free > room.Size {
		t.Errorf("got %+v, %v", room, err)
	}
	if _, err := At("/no/such/folder"); err == nil {
		t.Error("a folder that is not there has room")
	}
}
