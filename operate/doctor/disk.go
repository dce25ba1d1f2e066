package doctor

import (
	"context"

	"heyq/operate/health"
	"heyq/wire"
)

func (d *doctor) examineDisk(context.Context) []wire.Finding {
	const check = "disk"
	if skip := d.without(check, "HEYQ_DIR", "HEYQ_MEDIA_URL"); skip != nil {
		return skip
	}
	h := health.Folders(d.config.Folders(), !d.config.Store.DatabaseURL.IsSet(), int64(d.config.Alert.FreeDisk))
	remedy := health.DiskLow.Remedy
	if h.Status == wire.Healthy {
		remedy = ""
	}
	return one(check, severity(h.Status), h.Reason, remedy, 0)
}
