using System;

namespace Stylebridge
{
    /// <summary>How a level becomes a byte.</summary>
    public enum PixelRounding
    {
        /// <summary>To the nearest byte, halves to the even one.</summary>
        Nearest,

        /// <summary>To the byte below.</summary>
        Floor,
    }

    /// <summary>The arithmetic under the pixel contract: linear light, and the taps of resizing.</summary>
    /// <remarks>
    /// Every float32 operation stands in a statement of its own with a cast, because a runtime may compute wider and a
    /// compiler may fuse a product and a sum. The tables are computed with the runtime's pow: none of their values lies
    /// within a million float64 steps of a tie between two float32 numbers, so any decent pow gives the same ones.
    /// </remarks>
    public static class PixelMath
    {
        internal const int Bins = 8191; // of the level scale; two thresholds are at least 2.4 of them apart
        internal const float BinsPerLevel = (float)(Bins / 255.0);

        /// <summary>256 numbers: each byte as a number from 0 to 1, still sRGB.</summary>
        public static float[] SrgbUnits()
        {
            var units = new float[256];
            for (int b = 0; b < 256; b++)
            {
                units[b] = (float)((float)b / 255f);
            }
            return units;
        }

        /// <summary>256 numbers: the linear light of each sRGB byte.</summary>
        public static float[] LinearUnits()
        {
            var units = new float[256];
            for (int b = 0; b < 256; b++)
            {
                units[b] = (float)LinearFromSrgb(b / 255.0);
            }
            return units;
        }

        /// <summary>255 numbers: the linear level from which on a value becomes byte 1, 2, … 255.</summary>
        public static float[] LinearThresholds(PixelRounding rounding)
        {
            double half = rounding == PixelRounding.Nearest ? 0.5 : 0.0;
            var thresholds = new float[255];
            for (int k = 1; k <= 255; k++)
            {
                thresholds[k - 1] = (float)(255.0 * LinearFromSrgb((k - half) / 255.0));
            }
            return thresholds;
        }

        /// <summary>For each stretch of the level scale, the byte at its start.</summary>
        /// <remarks>
        /// No stretch holds more than one threshold, so one comparison with the next one gives the exact byte. The
        /// starts lie a little early, because a level on a border may be rounded into the stretch after it.
        /// </remarks>
        internal static byte[] ThresholdBins(float[] thresholds)
        {
            var bins = new byte[Bins + 1];
            int passed = 0;
            for (int i = 0; i <= Bins; i++)
            {
                double start = (i - 0.01) * (255.0 / Bins);
                while (passed < 255 && thresholds[passed] <= start)
                {
                    passed++;
                }
                bins[i] = (byte)passed;
            }
            return bins;
        }

        /// <summary>Whether a number is neither NaN nor infinite.</summary>
        internal static bool IsFinite(float number)
        {
            return !float.IsNaN(number) && !float.IsInfinity(number);
        }

        private static double LinearFromSrgb(double srgb)
        {
            return srgb <= 0.04045 ? srgb / 12.92 : Math.Pow((srgb + 0.055) / 1.055, 2.4);
        }
    }

    /// <summary>For each target index: the two source indices it lies between, and how far along it is.</summary>
    internal sealed class ResizeTaps
    {
        internal readonly int[] Low;
        internal readonly int[] High;
        internal readonly float[] Part;

        internal ResizeTaps(int source, int target)
        {
            Low = new int[target];
            High = new int[target];
            Part = new float[target];
            for (int i = 0; i < target; i++)
            {
                double at = (i + 0.5) * source / target - 0.5;
                at = Math.Min(Math.Max(at, 0.0), source - 1);
                Low[i] = (int)at;
                High[i] = Math.Min(Low[i] + 1, source - 1);
                Part[i] = (float)(at - Low[i]);
            }
        }
    }
}
