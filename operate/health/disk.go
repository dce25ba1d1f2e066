package health

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"

	"heyq/internal/disk"
	"heyq/wire"
)

// Folders says whether folders have room for what heyq keeps; the folder that is
// worst off decides. database says that SQLite's database is in the first folder:
// requests fail if that is full. least is how many bytes should be free in each.
func Folders(folders []string, database bool, least int64) wire.Health {
	worst := wire.Health{Status: wire.Healthy}
	for i, folder := range folders {
		space, err := disk.At(folder)
		h := room(folder, space, err, database && i == 0, least)
		switch {
		case h.Status.WorseThan(worst.Status):
			worst = h
		case worst.Reason == "":
			worst.Reason = h.Reason
		case h.Status == worst.Status:
			worst.Reason += "; " + h.Reason
		}
	}
	return worst
}

func room(folder string, s disk.Space, err error, database bool, least int64) wire.Health {
	if errors.Is(err, errors.ErrUnsupported) {
		return wire.Health{Status: wire.Healthy, Reason: "this system does not say how much room there is"}
	}
	if err != nil {
		return wire.Health{Status: wire.Degraded, Reason: err.Error()}
	}
	says := fmt.Sprintf("%s of %s free in %s", humanize.Bytes(uint64(s.Free)), humanize.Bytes(uint64(s.Total)), folder)
	switch {
	case s.Free < DiskFull && database:
		return wire.Health{Status: wire.Unhealthy, Reason: says + ", where the database is"}
	case s.Free < least:
		return wire.Health{Status: wire.Degraded, Reason: says + ": downloads may find no room"}
	}
	return wire.Health{Status: wire.Healthy, Reason: says}
}
