// BENCH-P1 in Flowable's CMMN engine, embedded, on H2 in memory. Reads what
// ../engines.py asks from standard input and writes, for each way to run it, the
// processor time of every repeat and what became of the cases.
//
// Two ways: "default" (history as the engine comes, tasks found by a query) and
// "tuned" (no history, ids of tasks kept by the host from the event that tells
// of their creation). Every command is a transaction, as the engine does it.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.flowable.cmmn.api.delegate.DelegatePlanItemInstance;
import org.flowable.cmmn.engine.CmmnEngine;
import org.flowable.cmmn.engine.CmmnEngineConfiguration;
import org.flowable.common.engine.api.delegate.event.AbstractFlowableEventListener;
import org.flowable.common.engine.api.delegate.event.FlowableEngineEventType;
import org.flowable.common.engine.api.delegate.event.FlowableEntityEvent;
import org.flowable.common.engine.api.delegate.event.FlowableEvent;
import org.flowable.common.engine.impl.history.HistoryLevel;
import org.flowable.job.api.Job;
import org.flowable.task.api.Task;

public final class FlowableP1 {
  static final Instant START = Instant.parse("2026-03-02T09:00:00Z");
  static final ObjectMapper JSON = new ObjectMapper();

  // The text of a stage: a plan item and its criteria at a time.
  static final class Stage {
    static final String TEAM = "flowable:candidateGroups='team'";
    static final String PATIENT = "flowable:assignee='patient'";
    static final String OWNER = "flowable:assignee='${owner}'";

    private final StringBuilder items = new StringBuilder();
    private final StringBuilder sentries = new StringBuilder();
    private final StringBuilder definitions = new StringBuilder();
    private final String name;
    private int next = 0;

    Stage(String name) {
      this.name = name;
    }

    // `criteria` is what after() gives; a repeated item begins anew each time.
    void add(String kind, String item, String attributes, String inner,
        String criteria, boolean repeated) {
      items.append("<planItem id='" + item + "' definitionRef='" + item + "_d'>");
      if (repeated) {
        items.append("<itemControl><repetitionRule/></itemControl>");
      }
      items.append(criteria).append("</planItem>");
      definitions.append("<" + kind + " id='" + item + "_d' name='" + item + "' "
          + attributes + ">" + inner + "</" + kind + ">");
    }

    // An entry criterion: what has to happen, and a guard or null. What
    // happened while the guard did not hold is not remembered.
    String after(String item, String event, String guard) {
      final String id = name + "_s" + next++;
      sentries.append("<sentry id='" + id + "' flowable:triggerMode='onEvent'>"
          + "<planItemOnPart id='" + id + "_on' sourceRef='" + item
          + "'><standardEvent>" + event + "</standardEvent></planItemOnPart>");
      if (guard != null) {
        sentries.append("<ifPart><condition><![CDATA[" + guard
            + "]]></condition></ifPart>");
      }
      sentries.append("</sentry>");
      return "<entryCriterion id='" + id + "_c' sentryRef='" + id + "'/>";
    }
    String after(String item) {
      return after(item, "complete", null);
    }

    void task(String item, String who, String criteria) {
      add("humanTask", item, who, "", criteria, false);
    }
    void timer(String item, String wait, boolean repeated, String attributes) {
      add("timerEventListener", item, attributes, "<timerExpression>" + wait
          + "</timerExpression>", "", repeated);
    }
    void call(String item, String expression, String criteria,
        boolean repeated) {
      add("task", item, "flowable:type='java' flowable:expression='"
          + expression + "'", "", criteria, repeated);
    }
    void stage(Stage inner, String criteria) {
      add("stage", inner.name, "autoComplete='true'", inner.text(), criteria,
          false);
    }
    String text() {
      return items.toString() + sentries + definitions;
    }
  }

  static Stage alert() {
    final Stage stage = new Stage("alert");
    stage.task("risk_form", Stage.PATIENT, "");
    stage.timer("month", "P30D", false, "");
    stage.timer("day", "R/P1D", true,
        "flowable:availableCondition='${bench.late(planItemInstance)}'");
    stage.call("alert_waits", "${bench.hear(planItemInstance, \"alert_waits\")}",
        stage.after("month", "occur", null) + stage.after("day", "occur", null),
        true);
    return stage;
  }

  // From the first module to discharge, with the weekly clock beside it.
  static Stage care() {
    final Stage stage = new Stage("care");
    stage.timer("week", "R/P7D", true, "");
    stage.call("week_over", "${bench.hear(planItemInstance, \"week_over\")}",
        stage.after("week", "occur", null), true);
    for (int k = 1; k <= 8; ++k) {
      stage.task("m" + k, Stage.PATIENT,
          k == 1 ? "" : stage.after("m" + (k - 1)));
      stage.task("q" + k, Stage.PATIENT, stage.after("m" + k));
      stage.task("f" + k, Stage.OWNER, stage.after("q" + k));
    }
    stage.add("milestone", "finished", "flowable:milestoneVariable='finished'",
        "", stage.after("f8"), false);
    stage.task("discharge", Stage.TEAM, stage.after("finished", "occur", null));
    stage.call("answer", "${bench.answer(planItemInstance)}",
        stage.after("discharge"), false);
    return stage;
  }

  static Stage active() {
    final Stage stage = new Stage("active");
    stage.timer("silence", "P365D", false, "");
    stage.task("silent", Stage.TEAM, stage.after("silence", "occur", null));
    stage.task("screen", Stage.PATIENT, "");
    stage.stage(care(), stage.after("screen", "complete", "${total >= 5}"));
    stage.task("closing", Stage.TEAM,
        stage.after("screen", "complete", "${total < 5}"));
    return stage;
  }

  static String caseModel() {
    final Stage stage = new Stage("whole");
    stage.task("triage", Stage.TEAM, "");
    stage.stage(active(), stage.after("triage"));
    final StringBuilder flagged = new StringBuilder(
        stage.after("screen", "complete", "${item9 > 0}"));
    for (int k = 1; k <= 8; ++k) {
      flagged.append(stage.after("q" + k, "complete", "${item9 > 0}"));
    }
    stage.stage(alert(), flagged.toString());
    return "<definitions xmlns='http://www.omg.org/spec/CMMN/20151109/MODEL' "
        + "xmlns:flowable='http://flowable.org/cmmn' targetNamespace='bench'>"
        + "<case id='p1'><casePlanModel id='whole' autoComplete='true'>"
        + stage.text() + "</casePlanModel></case></definitions>";
  }

  // What the host is told by the engine; called from expressions.
  public static final class Bench {
    final Map<String, Map<String, Integer>> heard = new HashMap<>();
    final Map<String, Map<String, Object>> answered = new HashMap<>();
    int told = 0;

    public void hear(DelegatePlanItemInstance item, String template) {
      heard.computeIfAbsent(item.getCaseInstanceId(), id -> new HashMap<>())
          .merge(template, 1, Integer::sum);
      ++told;
    }

    // Whether the team has heard that an alert waits.
    public boolean late(DelegatePlanItemInstance item) {
      return heard.getOrDefault(item.getCaseInstanceId(), Map.of())
          .containsKey("alert_waits");
    }

    // The referrer hears how it ended.
    public void answer(DelegatePlanItemInstance item) {
      final List<Object> scores = new ArrayList<>();
      scores.add(item.getVariable("score_screen"));
      for (int k = 1; k <= 8; ++k) scores.add(item.getVariable("score_q" + k));
      final Map<String, Object> facts = new HashMap<>();
      facts.put("scores", scores);
      for (String name : new String[] {"finished", "answered", "owner", "band"}) {
        facts.put(name, item.getVariable(name));
      }
      answered.put(item.getCaseInstanceId(), facts);
    }
  }

  // The ids of open tasks, by case and name.
  static final class TaskIds extends AbstractFlowableEventListener {
    final Map<String, String> ids = new HashMap<>();

    @Override
    public void onEvent(FlowableEvent event) {
      final Task task = (Task) ((FlowableEntityEvent) event).getEntity();
      ids.put(task.getScopeId() + task.getName(), task.getId());
    }
    @Override
    public boolean isFailOnException() {
      return true;
    }
  }

  private static int databases = 0;
  private final CmmnEngineConfiguration configuration;
  private final CmmnEngine engine;
  private final Bench bench = new Bench();
  private final TaskIds ids;
  private final List<String> cases = new ArrayList<>();
  private final int[] done;

  FlowableP1(int count, boolean tuned) {
    ids = tuned ? new TaskIds() : null;
    done = new int[count];
    configuration =
        CmmnEngineConfiguration.createStandaloneInMemCmmnEngineConfiguration();
    configuration.setJdbcUrl("jdbc:h2:mem:p1_" + databases++
        + ";DB_CLOSE_DELAY=-1");
    configuration.setDisableIdmEngine(true);
    configuration.setDisableEventRegistry(true);
    configuration.setAsyncExecutorActivate(false);
    configuration.setBeans(Map.of("bench", bench));
    if (tuned) {
      configuration.setHistoryLevel(HistoryLevel.NONE);
      configuration.setEnableEntityLinks(false);
      configuration.setTypedEventListeners(Map.of(
          FlowableEngineEventType.TASK_CREATED.name(), List.of(ids)));
    }
    engine = configuration.buildEngine();
    engine.getCmmnRepositoryService().createDeployment()
        .addString("p1.cmmn", caseModel()).deploy();
    setTime(START);
    for (int i = 0; i < count; ++i) {
      cases.add(engine.getCmmnRuntimeService().createCaseInstanceBuilder()
          .caseDefinitionKey("p1").variable("owner", "team")
          .variable("item9", 0).start().getId());
    }
  }

  void close() {
    engine.close();
  }

  private void setTime(Instant time) {
    configuration.getClock().setCurrentTime(Date.from(time));
  }

  private String taskOf(int i, String name) {
    if (ids != null) return ids.ids.remove(cases.get(i) + name);
    return engine.getCmmnTaskService().createTaskQuery()
        .caseInstanceId(cases.get(i)).taskName(name).singleResult().getId();
  }

  private void complete(int i, String name, Map<String, Object> facts) {
    engine.getCmmnTaskService().complete(taskOf(i, name), facts);
    ++done[i];
  }

  // PHQ-9: the sum of nine answers from 0 to 3.
  private static Map<String, Object> score(String name, int[] eight, int ninth) {
    int total = 0;
    for (int i = 0; i < 9; ++i) {
      final int answer = i < 8 ? eight[i] : ninth;
      if (answer < 0 || answer > 3) {
        throw new IllegalArgumentException("an answer is 0 to 3: " + answer);
      }
      total += answer;
    }
    final String band = total >= 20 ? "severe"
        : total >= 15 ? "moderately_severe"
        : total >= 10 ? "moderate" : total >= 5 ? "mild" : "minimal";
    return Map.of("score_" + name, total, "total", total, "band", band,
        "item9", ninth);
  }

  // Fires what is due; returns how many clocks spoke.
  private int advance(Instant now) {
    setTime(now);
    final int before = bench.told;
    final List<Job> due = engine.getCmmnManagementService()
        .createTimerJobQuery().duedateLowerThan(Date.from(now.plusMillis(1)))
        .list();
    for (Job job : due) {
      final String id = engine.getCmmnManagementService()
          .moveTimerToExecutableJob(job.getId()).getId();
      engine.getCmmnManagementService().executeJob(id);
    }
    return bench.told - before;
  }

  int run(JsonNode work) {
    final int[] eight = JSON.convertValue(work.get("answers"), int[].class);
    final int riskModule = work.get("risk_module").asInt();
    final int riskEvery = work.get("risk_every").asInt();
    int commands = 0;
    for (int i = 0; i < cases.size(); ++i) {
      complete(i, "triage", Map.of("owner", "tess"));
      complete(i, "screen", score("screen", eight, 0));
      commands += 2;
    }
    for (int k = 1; k <= 8; ++k) {
      for (int i = 0; i < cases.size(); ++i) {
        final boolean risk = k == riskModule && i % riskEvery == 0;
        complete(i, "m" + k, Map.of());
        complete(i, "q" + k, score("q" + k, eight, risk ? 1 : 0));
        complete(i, "f" + k, Map.of());
        commands += 3;
      }
      commands += advance(START.plus(7L * k, ChronoUnit.DAYS));
    }
    for (int i = 0; i < cases.size(); ++i) {
      complete(i, "discharge", Map.of("answered", "discharged"));
      ++commands;
    }
    return commands;
  }

  private Map<String, Object> outcome(int i) {
    final String id = cases.get(i);
    final TreeSet<String> open = new TreeSet<>();
    for (Task task : engine.getCmmnTaskService().createTaskQuery()
        .caseInstanceId(id).list()) {
      open.add(task.getName());
    }
    final long active = engine.getCmmnRuntimeService()
        .createPlanItemInstanceQuery().caseInstanceId(id)
        .planItemInstanceName("active").planItemInstanceStateActive().count();
    final Map<String, Integer> heard =
        bench.heard.getOrDefault(id, Map.of());
    final Map<String, Object> found = new LinkedHashMap<>();
    found.put("pathway", active == 0 ? "discharged" : "active");
    found.put("risk", open.contains("risk_form") ? "flagged" : "none");
    found.putAll(bench.answered.getOrDefault(id, Map.of()));
    found.put("done", done[i]);
    found.put("open", open);
    found.put("weeks", heard.getOrDefault("week_over", 0));
    found.put("alerts", heard.getOrDefault("alert_waits", 0));
    return found;
  }

  private List<Object> outcomes() throws Exception {
    final Map<String, Integer> found = new LinkedHashMap<>();
    for (int i = 0; i < cases.size(); ++i) {
      found.merge(JSON.writeValueAsString(outcome(i)), 1, Integer::sum);
    }
    final List<Object> list = new ArrayList<>();
    for (Map.Entry<String, Integer> entry : found.entrySet()) {
      list.add(List.of(JSON.readTree(entry.getKey()), entry.getValue()));
    }
    return list;
  }

  // Of this thread alone: threads that compile or collect are not charged.
  private static double processorSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  static Map<String, Object> measure(String name, boolean tuned, JsonNode work)
      throws Exception {
    final int count = work.get("cases").get(name).asInt();
    final int warmUp = work.get("warm_up_cases").asInt();
    final FlowableP1 first = new FlowableP1(warmUp, tuned);
    first.run(work);
    first.close();
    final List<Double> seconds = new ArrayList<>();
    final Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", name);
    row.put("cases", count);
    row.put("seconds", seconds);
    for (int r = 0; r < work.get("repeats").asInt(); ++r) {
      final FlowableP1 service = new FlowableP1(count, tuned);
      final double before = processorSeconds();
      row.put("commands", service.run(work));
      seconds.add(processorSeconds() - before);
      row.put("outcomes", service.outcomes());
      service.close();
    }
    return row;
  }

  public static void main(String[] arguments) throws Exception {
    final JsonNode work = JSON.readTree(System.in);
    System.out.println(JSON.writeValueAsString(Map.of(
        "version", CmmnEngine.VERSION,
        "runtime", "Java " + System.getProperty("java.version"),
        "rows", List.of(measure("default", false, work),
            measure("tuned", true, work)))));
  }
}
