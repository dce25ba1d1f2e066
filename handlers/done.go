package handlers

import (
	"slices"

	"github.com/google/uuid"

	"heyq/jobs"
	"heyq/store"
)

// countStep counts a video that has left its step, or has given its slot back.
// One that stays (it is looked at again, or tried again) is not finished.
func (h *Handlers) countStep(end store.End, ended store.Ended) {
	if ended.Video == uuid.Nil || ended.State == end.State && !end.FreeSlot { // not ours any more, or not done
		return
	}
	switch end.State {
	case store.Submitting:
		h.Done(jobs.CreateQueue, 1)
	case store.Downloading:
		h.Done(jobs.DownloadQueue, 1)
	default:
		h.Done(jobs.PollQueue, 1)
	}
}

// countDelivery counts a notification that has ended.
func (h *Handlers) countDelivery(end store.DeliveryEnd, err error) {
	if err == nil && end.To != store.NotificationPending {
		h.Done(jobs.NotifyQueue, 1)
	}
}

// countScheduled counts a scheduled job that has run.
func (h *Handlers) countScheduled(kind string, err error) {
	if err == nil && slices.ContainsFunc(jobs.Schedule, func(e jobs.Entry) bool { return e.Kind.Name == kind }) {
		h.Done(jobs.MaintenanceQueue, 1)
	}
}
