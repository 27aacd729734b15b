package dev.lanewise.kernels;

/**
 * The Gaussian error linear unit itself (Hendrycks and Gimpel, 2016): x Φ(x) with the normal
 * distribution Φ, which is 0.5 (1 + erf(x / √2)). {@link Gelu} without it is the tanh form, other
 * numbers.
 *
 * <p>With a = |x| and the tail Q(a) = 1 − Φ(a) it is max(x, 0) − a Q(a), which cancels nowhere.
 * Q(a) is exp(−a²/2) times a polynomial in t = 1 / (1 + T a): a minimax fit on [0, 14],
 * coefficients rounded to float, relative error 2.6e-8.
 *
 * <p><b>Definition.</b> {@code c = min(max(x, -LIMIT), LIMIT)}, {@code a = |c|}, {@code e =
 * exp(-0.5 * (a * a))}, {@code t = 1 / fma(a, T, 1)}, {@code p} the chain {@code fma(p, t, Pi)}
 * from P9 to P0, {@code q = e * (t * p)}; {@code y = fma(-a, q, max(x, 0))}. Backward: {@code cdf =
 * q} if c &lt; 0, else {@code 1 - q}; {@code dx = dy * fma(c, e * DENSITY, cdf)}.
 */
public interface ErfGelu extends Gelu {

  /** From here on e is zero; keeps infinity out of the products. */
  float LIMIT = 16f;

  /** What t is made with: of those tried, among the best fits, and exact. */
  float T = 0.3125f;

  /** 1 / √(2π), the density at zero. */
  float DENSITY = 0.3989423f;

  float P0 = 0.12466463446617126f;
  float P1 = 0.12476464360952377f;
  float P2 = 0.11176332831382751f;
  float P3 = 0.09065353125333786f;
  float P4 = 0.05390943959355354f;
  float P5 = 0.0004886611131951213f;
  float P6 = 0.07067025452852249f;
  float P7 = -0.14839303493499756f;
  float P8 = 0.09029584378004074f;
  float P9 = -0.018817314878106117f;
}
