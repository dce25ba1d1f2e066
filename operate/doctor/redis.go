package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"heyq/operate"
	"heyq/operate/health"
	"heyq/store"
	"heyq/wire"
)

// examineRedis asks each server of the Redis what it is.
func (d *doctor) examineRedis(ctx context.Context) []wire.Finding {
	const check = "redis"
	if skip := d.without(check, "REDIS_URL"); skip != nil {
		return skip
	}
	if !d.config.Redis.URL.IsSet() {
		return one(check, wire.Fine, "embedded in heyq's own process", "", 0)
	}
	where := d.config.Redis.URL.String()
	infos, took, err := timed(func() ([]serverInfo, error) { return infosOf(ctx, d.redis()) })
	if err != nil {
		return one(check, wire.Broken, where+": "+cause(err),
			"see that Redis runs, and that REDIS_URL names its host, port and password; videos wait in the store meanwhile", took)
	}
	var list []wire.Finding
	for _, info := range infos {
		list = append(list, info.findings(where)...)
	}
	if len(list) == 0 {
		what := fmt.Sprintf("%s answers: version %s, %s", where, infos[0]["redis_version"], infos[0]["maxmemory_policy"])
		if len(infos) > 1 {
			what += fmt.Sprintf(", %d servers", len(infos))
		}
		list = one(check, wire.Fine, what, "", took)
	}
	return list
}

// serverInfo is what a server answers to INFO.
type serverInfo map[string]string

// infosOf asks all servers: in a cluster each has its own memory, and a replica
// takes over with its own settings.
func infosOf(ctx context.Context, client redis.UniversalClient) (list []serverInfo, err error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		text, err := client.Info(ctx).Result()
		return []serverInfo{parseInfo(text)}, err
	}
	var mu sync.Mutex
	err = cluster.ForEachShard(ctx, func(ctx context.Context, node *redis.Client) error {
		text, err := node.Info(ctx).Result()
		info := parseInfo(text)
		info["address"], info["in_cluster"] = node.Options().Addr, "yes"
		mu.Lock()
		defer mu.Unlock()
		list = append(list, info)
		return err
	})
	return list, err
}

func parseInfo(text string) serverInfo {
	info := serverInfo{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

// memoryTight is the share of maxmemory from which on the operator is warned:
// with noeviction a full Redis refuses every write.
const memoryTight = 0.9

// findings are what is wrong with one server.
func (i serverInfo) findings(where string) (list []wire.Finding) {
	const check = "redis"
	if at := i["address"]; at != "" {
		where = "the server " + at
	}
	if version := i["redis_version"]; older(version, 7, 0) {
		list = append(list, one(check, wire.Broken, where+" is Redis "+version+"; heyq needs 7 or later", "upgrade it", 0)...)
	}
	if i["role"] == "slave" && i["in_cluster"] == "" {
		list = append(list, one(check, wire.Broken, where+" is a replica, and takes no writes", "point REDIS_URL to the master, or to the sentinels", 0)...)
	}
	most, _ := strconv.ParseInt(i["maxmemory"], 10, 64)
	if policy := i["maxmemory_policy"]; policy != "" && policy != "noeviction" {
		f := wire.Finding{
			Check: check, Severity: wire.Broken, What: fmt.Sprintf("%s has maxmemory-policy %s: when it is full it throws queued tasks away", where, policy),
			Remedy: "set `maxmemory-policy noeviction` in its configuration, and give it memory enough",
		}
		if most == 0 {
			f.Severity = wire.Warning
			f.What = fmt.Sprintf("%s has maxmemory-policy %s, which does nothing only because it has no maxmemory", where, policy)
		}
		list = append(list, f)
	}
	used, _ := strconv.ParseInt(i["used_memory"], 10, 64)
	if most > 0 && float64(used) > memoryTight*float64(most) {
		list = append(list, one(check, wire.Warning, fmt.Sprintf("%s uses %s of %s", where, humanize.IBytes(uint64(used)), humanize.IBytes(uint64(most))),
			"raise its maxmemory; a full one refuses every task", 0)...)
	}
	return list
}

// older compares a version with one that is known. What cannot be read is not
// older.
func older(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	gotMajor, err := strconv.Atoi(parts[0])
	if err != nil {
		return false
	}
	gotMinor, err := strconv.Atoi(parts[1])
	return err == nil && (gotMajor < major || gotMajor == major && gotMinor < minor)
}

// examineQueues says what is paused, and who works. It needs the store, and a
// Redis that others share.
func (d *doctor) examineQueues(ctx context.Context) (list []wire.Finding) {
	if d.store == nil || !d.modern {
		return nil
	}
	gate, err := d.store.Admission(ctx)
	if err != nil {
		return one("admission", wire.Warning, "cannot be read: "+cause(err), "see what is said of the store", 0)
	}
	list = append(list, gateFinding(gate))
	if !d.config.Redis.URL.IsSet() || d.wrong["REDIS_URL"] {
		return list
	}
	client := d.redis()
	queues := operate.NewQueues(operate.QueuesOptions{Redis: client, Store: d.store, Meter: operate.NewMeter(client), Slots: d.config.HeyGen.Slots})
	o, err := queues.Overview(ctx)
	if err != nil || o.Redis != nil {
		return list // which is told of already
	}
	for _, line := range o.Lines {
		if line.Paused {
			list = append(list, one("queues", wire.Warning, fmt.Sprintf("%s is paused", line.Queue), fmt.Sprintf("when that is not meant any more: `heyq queues resume %s`", line.Queue), 0)...)
		}
	}
	backlog, err := d.store.Backlog(ctx)
	if err != nil {
		return list // it could be read a moment ago
	}
	if h := health.Dispatch(backlog, d.config.Alert.QueueAge); h.Status != wire.Healthy {
		list = append(list, one("queues", severity(h.Status), h.Reason, health.QueueAge.Remedy, 0)...)
	}
	return append(list, workersAt(client)...)
}

// gateFinding is about the gate before HeyGen.
func gateFinding(g store.Admission) wire.Finding {
	f := wire.Finding{Check: "admission", Severity: wire.Fine, What: "is open: videos are let through to HeyGen"}
	switch {
	case g.State == store.Open:
	case g.State == store.Stopped:
		f.Severity, f.What = wire.Broken, "HeyGen refuses what it is sent ("+g.Reason+"); one video is tried now and then, and the others wait"
		f.Remedy = "mend what the reason names (the key, its scopes, the balance, the template); it opens by itself then, and at once with `heyq admission resume`"
	case g.Until.IsZero():
		f.Severity, f.What, f.Remedy = wire.Warning, "is paused ("+g.Reason+"): nothing new is sent to HeyGen", "when that is not meant any more: `heyq admission resume`"
		if g.Reason == store.QueueReason {
			f.Remedy = "when that is not meant any more: `heyq queues resume create`"
		}
	default:
		f.Severity, f.What = wire.Note, "is paused until "+g.Until.Local().Format("15:04:05")+" ("+g.Reason+"); it opens by itself"
	}
	return f
}

// workersAt counts the processes that asynq's servers are in.
func workersAt(client redis.UniversalClient) []wire.Finding {
	const check = "workers"
	servers, err := asynq.NewInspectorFromRedisClient(client).Servers()
	if err != nil {
		return one(check, wire.Warning, "cannot be counted: "+cause(err), "see what is said of redis", 0)
	}
	processes := map[string]bool{}
	for _, s := range servers {
		processes[s.Host+":"+strconv.Itoa(s.PID)] = true
	}
	switch n := len(processes); n {
	case 0:
		return one(check, wire.Warning, "none is at work: videos are taken, and nothing becomes of them", "start `heyq worker`", 0)
	case 1:
		return one(check, wire.Fine, "one process is at work", "", 0)
	default:
		return one(check, wire.Fine, fmt.Sprintf("%d processes are at work", n), "", 0)
	}
}
