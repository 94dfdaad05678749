import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.encog.engine.network.activation.ActivationLinear;
import org.encog.ml.data.basic.BasicMLDataSet;
import org.encog.neural.networks.BasicNetwork;
import org.encog.neural.networks.layers.BasicLayer;
import org.encog.neural.networks.training.propagation.sgd.StochasticGradientDescent;
import org.encog.neural.networks.training.propagation.sgd.update.AdamUpdate;

/**
 * AdamUpdate of Encog. Its numbers are private fields without setters, which are set here; it adds
 * what it is given, so that it gets gradients of the other sign.
 */
public class EncogAdam {
    private final Map<String, Double> numbers = new HashMap<>();
    private final List<Double> given = new ArrayList<>();
    private int tensors;
    private AdamUpdate rule;
    private StochasticGradientDescent training;
    private double[] weights;

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        in.readLine(); // it says start
        System.out.println("started 1 encog\ndtypes float64\nsupports schedule\nend");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("stop")) {
                return;
            }
            if (words[0].equals("run")) {
                System.out.println(new EncogAdam().answer(words[1], in));
            }
        }
    }

    private String answer(String seq, BufferedReader in) throws Exception {
        StringBuilder answer = new StringBuilder("ran " + seq + "\n");
        boolean wanted = false;
        int seen = 0;
        List<Double> gradients = new ArrayList<>();
        for (String line = in.readLine(); !line.equals("end"); line = in.readLine()) {
            String[] words = line.trim().split(" ");
            switch (words[0]) {
                case "dtype":
                    break;
                case "param":
                    read(words, 2 + Integer.parseInt(words[1]), given);
                    tensors++;
                    break;
                case "step":
                    wanted = words[1].equals("1");
                    seen = 0;
                    gradients.clear();
                    break;
                case "grad":
                    read(words, 2, gradients);
                    seen++;
                    if (seen == tensors) {
                        step(gradients);
                        if (wanted) {
                            append(answer, "params", weights);
                            append(answer, "m", (double[]) field("m").get(rule));
                            append(answer, "v", (double[]) field("v").get(rule));
                        }
                    }
                    break;
                default:
                    String name = words[0].equals("rate") ? "learning_rate" : words[0];
                    numbers.put(name, decode(words[1]));
            }
        }
        return answer + "end";
    }

    private void step(List<Double> gradients) throws Exception {
        if (rule == null) {
            make();
        }
        training.setLearningRate(numbers.get("learning_rate"));
        // The trainer counts before it updates.
        training.setIteration(training.getIteration() + 1);
        double[] ascent = new double[gradients.size()];
        for (int i = 0; i < ascent.length; i++) {
            ascent[i] = -gradients.get(i);
        }
        rule.update(ascent, weights);
    }

    /** Make a network with as many weights as there are numbers: n inputs, one output, no bias. */
    private void make() throws Exception {
        weights = new double[given.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = given.get(i);
        }
        BasicNetwork network = new BasicNetwork();
        network.addLayer(new BasicLayer(null, false, weights.length));
        network.addLayer(new BasicLayer(new ActivationLinear(), false, 1));
        network.getStructure().finalizeStructure();
        double[][] one = {new double[weights.length]};
        training = new StochasticGradientDescent(network, new BasicMLDataSet(one, new double[1][1]));
        rule = new AdamUpdate();
        rule.init(training);
        field("beta1").set(rule, numbers.get("beta1"));
        field("beta2").set(rule, numbers.get("beta2"));
        field("eps").set(rule, numbers.get("epsilon"));
    }

    private static Field field(String name) throws NoSuchFieldException {
        Field field = AdamUpdate.class.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static double decode(String word) {
        return Double.longBitsToDouble(Long.parseUnsignedLong(word, 16));
    }

    private static void read(String[] words, int first, List<Double> numbers) {
        for (int i = first; i < words.length; i++) {
            numbers.add(decode(words[i]));
        }
    }

    private static void append(StringBuilder answer, String name, double[] numbers) {
        answer.append(name);
        for (double number : numbers) {
            // Its m has the sign of the ascent.
            double shown = name.equals("m") ? -number : number;
            answer.append(String.format(" %016x", Double.doubleToRawLongBits(shown)));
        }
        answer.append('\n');
    }
}
