package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"heyq/internal/disk"
)

// Disks exports how much room there is in folders, each under a name.
type Disks map[string]string

var (
	diskFree = describe("heyq_disk_free_bytes", "Room that is left on the disk of a folder.", "folder")
	diskSize = describe("heyq_disk_size_bytes", "Size of the disk of a folder.", "folder")
)

// Describe implements prometheus.Collector.
func (d Disks) Describe(to chan<- *prometheus.Desc) {
	to <- diskFree
	to <- diskSize
}

// Collect implements prometheus.Collector. A folder whose disk does not answer is
// left out.
func (d Disks) Collect(to chan<- prometheus.Metric) {
	for name, path := range d {
		room, err := disk.At(path)
		if err != nil {
			continue
		}
		to <- prometheus.MustNewConstMetric(diskFree, prometheus.GaugeValue, float64(room.Free), name)
		to <- prometheus.MustNewConstMetric(diskSize, prometheus.GaugeValue, float64(room.Total), name)
	}
}
