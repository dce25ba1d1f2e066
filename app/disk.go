package app

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"heyq/config"
	"heyq/internal/disk"
	"heyq/wire"
)

// How little room there may be. Sixteen downloads of 100 MB are in the spool at
// once, so that work may stop below diskLow; below diskFull SQLite cannot be
// trusted to write, and then requests fail.
const (
	diskLow  = 2 << 30
	diskFull = 64 << 20
)

// places are the folders that heyq fills.
func places(c config.Config) []string {
	list := []string{c.Store.Dir}
	media, err := c.MediaURL()
	if err != nil {
		return list
	}
	u, err := url.Parse(media)
	if err != nil || u.Scheme != "file" {
		return list
	}
	dir, err := filepath.Abs(c.Store.Dir)
	if folder := filepath.FromSlash(u.Path); err != nil || !strings.HasPrefix(folder+"/", dir+"/") {
		list = append(list, folder)
	}
	return list
}

// diskHealth is that of the fullest place. Only where the database is on that
// disk does a full one make requests fail.
func diskHealth(c config.Config) wire.Health {
	worst := wire.Health{Status: wire.Healthy}
	for i, place := range places(c) {
		space, err := disk.At(place)
		holdsStore := i == 0 && !c.Store.DatabaseURL.IsSet()
		h := roomHealth(place, space, err, holdsStore)
		switch {
		case worse(h.Status, worst.Status):
			worst = h
		case worst.Reason == "":
			worst.Reason = h.Reason
		case h.Status == worst.Status:
			worst.Reason += "; " + h.Reason
		}
	}
	return worst
}

func roomHealth(place string, s disk.Space, err error, holdsStore bool) wire.Health {
	if errors.Is(err, errors.ErrUnsupported) {
		return wire.Health{Status: wire.Healthy, Reason: "this system does not say how much room there is"}
	}
	if err != nil {
		return wire.Health{Status: wire.Degraded, Reason: err.Error()}
	}
	room := fmt.Sprintf("%s of %s free in %s", humanize.Bytes(uint64(s.Free)), humanize.Bytes(uint64(s.Total)), place)
	switch {
	case s.Free < diskFull && holdsStore:
		return wire.Health{Status: wire.Unhealthy, Reason: room + ", where the database is"}
	case s.Free < diskLow:
		return wire.Health{Status: wire.Degraded, Reason: room + ": downloads may find no room"}
	}
	return wire.Health{Status: wire.Healthy, Reason: room}
}

// worse compares two statuses.
func worse(a, b wire.HealthStatus) bool {
	rank := map[wire.HealthStatus]int{wire.Healthy: 0, wire.Degraded: 1, wire.Unhealthy: 2}
	return rank[a] > rank[b]
}
