// The list of one member of staff in Flowable's task service, on H2 in memory:
// "mine, overdue, by priority, first page". Reads what ../worklists.py asks from
// standard input and writes the time of every query and what each owner's page
// held.
//
// Two ways: "default" (the indexes that the engine makes) and "indexed" (one more
// on what the query asks for, as whoever keeps the database would add).

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flowable.cmmn.api.CmmnTaskService;
import org.flowable.cmmn.engine.CmmnEngine;
import org.flowable.cmmn.engine.CmmnEngineConfiguration;
import org.flowable.common.engine.impl.history.HistoryLevel;
import org.flowable.task.api.Task;

public final class FlowableTasks {
  static final ObjectMapper JSON = new ObjectMapper();
  static final int BATCH = 300;

  private final CmmnEngine engine;
  private final CmmnTaskService tasks;

  FlowableTasks(String name, JsonNode lines) throws Exception {
    final CmmnEngineConfiguration configuration =
        CmmnEngineConfiguration.createStandaloneInMemCmmnEngineConfiguration();
    configuration.setJdbcUrl("jdbc:h2:mem:tasks_" + name + ";DB_CLOSE_DELAY=-1");
    configuration.setHistoryLevel(HistoryLevel.NONE);
    engine = configuration.buildCmmnEngine();
    tasks = engine.getCmmnTaskService();
    for (int from = 0; from < lines.size(); from += BATCH) {
      final int first = from;
      configuration.getCommandExecutor().execute(context -> {
        for (int n = first; n < Math.min(first + BATCH, lines.size()); ++n) {
          add(n, lines.get(n));
        }
        return null;
      });
    }
    if (name.equals("indexed")) addIndex(configuration);
  }

  // [owner, priority, seconds until it is due]
  private void add(int n, JsonNode line) {
    tasks.createTaskBuilder()
        .name("line " + n)
        .id(String.valueOf(n))
        .assignee(line.get(0).asText())
        .priority(line.get(1).asInt())
        .dueDate(new Date(1000 * line.get(2).asLong()))
        .create();
  }

  private static void addIndex(CmmnEngineConfiguration configuration)
      throws Exception {
    try (Connection connection = configuration.getDataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create index bench_mine on ACT_RU_TASK"
          + "(ASSIGNEE_, PRIORITY_ desc, DUE_DATE_)");
      statement.execute("analyze");
    }
  }

  private List<Task> page(String owner, JsonNode work) {
    return tasks.createTaskQuery()
        .taskAssignee(owner)
        .taskDueBefore(new Date(1000 * work.get("due_before").asLong()))
        .orderByTaskPriority().desc()
        .orderByTaskDueDate().asc()
        .listPage(0, work.get("page").asInt());
  }

  private Map<String, Object> measure(String name, JsonNode work) {
    for (int i = 0; i < work.get("warm_up").get(name).asInt(); ++i) {
      page(String.valueOf(i % work.get("owners").asInt()), work);
    }
    final List<Double> seconds = new ArrayList<>();
    final Map<String, List<Integer>> pages = new LinkedHashMap<>();
    for (int i = 0; i < work.get("queries").get(name).asInt(); ++i) {
      final String owner = String.valueOf(i % work.get("owners").asInt());
      final long before = System.nanoTime();
      final List<Task> page = page(owner, work);
      seconds.add((System.nanoTime() - before) / 1e9);
      pages.computeIfAbsent(owner, key -> page.stream()
          .map(task -> Integer.valueOf(task.getId())).toList());
    }
    return Map.of("name", name, "seconds", seconds, "pages", pages);
  }

  public static void main(String[] arguments) throws Exception {
    final JsonNode work = JSON.readTree(System.in);
    final List<Object> rows = new ArrayList<>();
    for (String name : new String[] {"default", "indexed"}) {
      final FlowableTasks service =
          new FlowableTasks(name, work.get("lines"));
      rows.add(service.measure(name, work));
      service.engine.close();
    }
    System.out.println(JSON.writeValueAsString(Map.of(
        "version", CmmnEngine.VERSION,
        "runtime", "Java " + System.getProperty("java.version"),
        "rows", rows)));
  }
}
