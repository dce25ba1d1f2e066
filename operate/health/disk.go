package health

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"

	"heyq/internal/disk"
	"heyq/wire"
)

// Folders is whether there is room for what heyq keeps: that of the fullest of
// folders. In the first one stands the database, if it is SQLite's; then a full disk
// makes requests fail. least is how many bytes are to be free.
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
